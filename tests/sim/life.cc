#include "sim/life.h"

#include <algorithm>

namespace sim {

using namespace std::chrono_literals;
using Manner = Identification::Outcome;

namespace {

constexpr size_t containers_max = 12;
constexpr size_t actions = 12;
/// How long after it has ended a disturbance may still be felt: the longest back-off, and rounds.
constexpr Time back_off = 65s;
constexpr unsigned rounds_to_notice = 5;
/// Of the EPMDs, in half of the lives; then it takes so many more rounds.
constexpr size_t few_in_turn = 3;
constexpr unsigned rounds_of_all = containers_max * 2 / few_in_turn;
/// What the slowest parts of a round may take.
constexpr Time round_max = 8s;
constexpr Time broken_max = 15min;

}  // namespace

Life::Life(uint32_t seed)
    : random_(seed),
      interval_(std::vector<Time>{5s, 15s, 30s, 60s, 60s, 120s, 120s, 120s}[random_.below(8)]),
      has_local_(random_.one_in(2)),
      rounds_to_notice_(rounds_to_notice + (random_.one_in(2) ? rounds_of_all : 0)),
      cluster_({"web", "db"}, seed + 1) {
  for (size_t i = 0; i < actions; ++i) weights_.push_back(random_.below(5));
  cluster_.settings.interval = interval_;
  if (rounds_to_notice_ > rounds_to_notice) cluster_.settings.asked_in_turn = few_in_turn;
  cluster_.on_report = [this](const discovery::Report& report) { judge(report); };
  if (has_local_) cluster_.have_local("app@self");
  cluster_.begin();
}

void Life::live(Time span) {
  const Time end = cluster_.world.now() + span;
  while (cluster_.world.now() < end) {
    act();
    if (random_.one_in(4)) cluster_.loop->hint(draw_ip());  // true or not
    cluster_.world.run_for(draw_span(2min));
  }
}

void Life::calm_down() {
  World& world = cluster_.world;
  world.run_for(broken_max);
  world.dns.faults.clear();
  world.run_for(back_off + rounds_to_notice_ * (interval_ + round_max));
  for (const auto& [name, being] : beings_) {
    const Container& container = *cluster_.containers.at(name);
    const Node& node = container.nodes.at(0);
    if (node.handshakes > being.handshakes_max * container.ips.size())
      cluster_.faults.push_back(node.name + " was asked " + std::to_string(node.handshakes) +
                                " times who it is");
  }
}

std::set<std::string> Life::truth() const {
  std::set<std::string> names;
  for (const auto& [name, being] : beings_)
    if (!being.member.empty()) names.insert(being.member);
  return names;
}

std::set<std::string> Life::members() const {
  const std::vector<std::string> names = cluster_.names();
  return {names.begin(), names.end()};
}

void Life::act() {
  unsigned all = 0;
  for (const unsigned weight : weights_) all += weight + 1;
  uint32_t drawn = random_.below(all);
  size_t action = 0;
  while (drawn >= weights_[action] + 1) drawn -= weights_[action++] + 1;
  if (beings_.empty() || (action < 2 && beings_.size() < containers_max))
    return begin_container("c" + std::to_string(++named_));
  const std::string name = draw_name();
  switch (action) {
    case 2: return end_container(name);
    case 3: return move(name);
    case 4: return restart(name);
    case 5: return pause(name);
    case 6: return refuse(name);
    case 7: return slow_down(name);
    case 8: return take_from_dns(name);
    case 9: return lose_host(name);
    case 10: return restart_local();
    default: return break_dns();
  }
}

/// The DNS lists it, behind one alias or the other, and a moment later its process runs.
void Life::begin_container(const std::string& name) {
  Being& being = beings_[name];
  being = {};
  being.alias = random_.one_in(2) ? "web" : "db";
  Container& container = cluster_.start(name, draw_ip(), being.alias);
  if (random_.one_in(5)) container.ips.push_back("fd00::" + std::to_string(++named_));
  cluster_.world.plug_in(cluster_.containers.at(name));
  for (size_t i = 1; i < container.ips.size(); ++i)
    for (const std::string& host : {name, being.alias})
      cluster_.world.dns.add(host, container.ips[i]);
  begin_node(being, container, name);
  disturb(being, 300ms);
}

void Life::begin_node(Being& being, Container& container, const std::string& name) {
  Node& node = container.nodes.at(0);
  being.host_part = name;
  being.member = node.name;
  switch (random_.below(9)) {
    case 0:
      node.is_hidden = true;
      being.member = {};
      break;
    case 1:
      being.host_part = "h" + name;
      node.name = being.member = "app@" + being.host_part;
      for (const std::string& ip : container.ips) cluster_.world.dns.add(being.host_part, ip);
      break;
    case 2:
      node.name = "app@nowhere";
      being.member = {};
      break;
    case 3: node.manner = random_.one_in(2) ? Manner::speaks_tls : Manner::not_allowed; break;
    case 4:
      node.name = "rem-77@" + name;
      being.member = {};
      break;
    case 5:
      being.host_part = name + ".example.com";
      node.name = being.member = "app@" + being.host_part;
      if (has_local_) being.member = {};
      for (const std::string& ip : container.ips) cluster_.world.dns.add(being.host_part, ip);
      break;
    default: break;
  }
}

/// Its process ends first; then the DNS and the network forget it.
void Life::end_container(const std::string& name) {
  const Being being = beings_.at(name);
  if (!being.member.empty()) once_true_[being.member] = cluster_.world.now();
  cluster_.world.dns.hosts.erase(being.host_part);
  cluster_.stop(name);
  beings_.erase(name);
}

void Life::move(const std::string& name) {
  end_container(name);
  begin_container(name);
}

void Life::restart(const std::string& name) {
  const Node before = cluster_.containers.at(name)->nodes.at(0);
  cluster_.restart_node(name);
  Node& node = cluster_.containers.at(name)->nodes.at(0);
  node.is_hidden = before.is_hidden;
  node.manner = before.manner;
  beings_.at(name).handshakes_max = 0;
  disturb(beings_.at(name), 0s);
}

void Life::pause(const std::string& name) {
  const auto container = cluster_.containers.at(name);
  const Time span = draw_span(2min);
  container->is_paused = true;
  cluster_.world.at(cluster_.world.now() + span, [container] { container->is_paused = false; });
  disturb(beings_.at(name), span);
}

/// Its EPMD is started anew, and its node registers again.
void Life::refuse(const std::string& name) {
  const Time span = draw_span(1min);
  cluster_.containers.at(name)->runs_from = cluster_.world.now() + span;
  disturb(beings_.at(name), span);
}

void Life::slow_down(const std::string& name) {
  cluster_.containers.at(name)->latency = Time(1 + random_.below(600));
}

void Life::take_from_dns(const std::string& name) {
  const std::string alias = beings_.at(name).alias;
  const auto container = cluster_.containers.at(name);
  Dns& dns = cluster_.world.dns;
  for (const std::string& ip : container->ips) dns.remove(alias, ip);
  const Time span = draw_span(2min);
  cluster_.world.at(cluster_.world.now() + span, [this, name, alias, container] {
    const auto there = cluster_.containers.find(name);
    if (there == cluster_.containers.end() || there->second != container) return;
    for (const std::string& ip : container->ips) {
      cluster_.world.dns.remove(alias, ip);
      cluster_.world.dns.add(alias, ip);
    }
  });
  disturb(beings_.at(name), span);
}

void Life::lose_host(const std::string& name) {
  const std::string host = beings_.at(name).host_part;
  const auto container = cluster_.containers.at(name);
  cluster_.world.dns.hosts.erase(host);
  const Time span = draw_span(2min);
  cluster_.world.at(cluster_.world.now() + span, [this, name, host, container] {
    const auto there = cluster_.containers.find(name);
    if (there != cluster_.containers.end() && there->second == container)
      cluster_.world.dns.hosts[host] = container->ips;
  });
  disturb(beings_.at(name), span);
}

void Life::break_dns() {
  std::string name = std::vector<std::string>{"", "web", "db", "host"}[random_.below(4)];
  if (name == "host") name = beings_.at(draw_name()).host_part;
  const auto fault = static_cast<Fault>(1 + random_.below(4));
  cluster_.world.dns.faults[name] = fault;
  cluster_.world.at(cluster_.world.now() + draw_span(broken_max),
                    [this, name] { cluster_.world.dns.faults.erase(name); });
}

void Life::restart_local() {
  if (has_local_) {
    cluster_.self->nodes.clear();
    cluster_.world.local_names.clear();
    cluster_.have_local("app@self");
  }
  cluster_.loop->hurry();
}

void Life::disturb(Being& being, Time span) {
  const Time end = cluster_.world.now() + span;
  being.steady_since = std::max(being.steady_since, end);
  // While it cannot be asked it is tried again and again, at most every 30 s after the first few.
  being.handshakes_max += 6 + static_cast<unsigned>(span / 30s);
}

void Life::judge(const discovery::Report& report) {
  for (const Change& change : report.changes)
    if (const std::string fault = find_fault(change); !fault.empty())
      cluster_.faults.push_back(fault);
}

std::string Life::find_fault(const Change& change) const {
  const std::string name = change.member.name.to_string();
  const Time now = cluster_.world.now();
  const Time to_notice = back_off + rounds_to_notice_ * (interval_ + round_max);
  const auto is_it = [&](const auto& entry) { return entry.second.member == name; };
  const auto being = std::find_if(beings_.begin(), beings_.end(), is_it);
  if (change.kind == Change::Kind::left) {
    if (being == beings_.end() || being->second.steady_since + to_notice > now) return {};
    // Another life of it, of which nobody heard while the DNS was down.
    Container& container = *cluster_.containers.at(being->first);
    const bool is_there =
        std::count(container.ips.begin(), container.ips.end(), change.member.node.ip) > 0 &&
        container.find(change.member.node);
    if (!is_there) return {};
    return told(change) + " though it is there: " + change.reason;
  }
  if (being != beings_.end()) return {};
  const auto once = once_true_.find(name);
  const bool was_true = once != once_true_.end() && once->second + to_notice > now;
  return was_true ? "" : told(change) + " though it should not";
}

Time Life::draw_span(Time most) {
  return Time(1 + random_.below(static_cast<size_t>(most.count())));
}

std::string Life::draw_name() {
  auto drawn = beings_.begin();
  std::advance(drawn, random_.below(beings_.size()));
  return drawn->first;
}

/// From a small network, so that addresses are used again.
std::string Life::draw_ip() {
  for (;;) {
    const std::string ip = "10.0.1." + std::to_string(random_.below(2 * containers_max));
    const bool is_taken =
        std::any_of(cluster_.containers.begin(), cluster_.containers.end(),
                    [&](const auto& entry) { return entry.second->ips.front() == ip; });
    if (!is_taken) return ip;
  }
}

}  // namespace sim
