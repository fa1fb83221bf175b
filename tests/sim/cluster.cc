#include "sim/cluster.h"

#include <algorithm>

#include "catch.h"

namespace sim {

using namespace std::chrono_literals;

discovery::Query query(const std::string& text) {
  base::Result<discovery::Query> parsed = discovery::parse_query(text);
  REQUIRE(parsed);
  return *parsed;
}

Settings settings_for(const std::vector<std::string>& queries) {
  Settings settings;
  for (const std::string& text : queries) settings.scope.queries.push_back(query(text));
  return settings;
}

std::string told(const Change& change) {
  const bool is_joined = change.kind == Change::Kind::joined;
  return (is_joined ? "joined " : "left ") + change.member.name.to_string();
}

std::string Laws::find_fault(const Change& change) {
  const std::string name = change.member.name.to_string();
  const bool is_joined = change.kind == Change::Kind::joined;
  const bool is_news = is_joined ? members_.insert(name).second : members_.erase(name) == 1;
  if (!is_news) return told(change) + ", which was so already";
  if (change.reason.empty() != is_joined) return told(change) + " with the wrong reason";
  return change.member.queries.empty() ? told(change) + " through no query" : "";
}

std::string Laws::find_fault(const discovery::Report& report) {
  for (const Change& change : report.changes)
    if (std::string fault = find_fault(change); !fault.empty()) return fault;
  if (members_.size() != report.members.size()) return "other members than were told";
  for (const auto& [name, member] : report.members)
    if (!members_.contains(name) || member.seen.name.to_string() != name)
      return name + " is a member and was not told";
  return {};
}

Cluster::Cluster(const std::vector<std::string>& queries, uint32_t seed)
    : world(seed), settings(settings_for(queries)) {
  self->ips = world.local_ips;
  world.plug_in(self);
}

Node Cluster::a_node(const std::string& name) {
  Node node;
  node.name = name;
  node.port_no = ++port_no_;
  node.creation = ++creation_;
  return node;
}

Container& Cluster::start(const std::string& name, const std::string& ip,
                          const std::string& alias) {
  Container& container = have(name, ip, alias);
  container.runs_from = world.now() + 300ms;
  return container;
}

Container& Cluster::have(const std::string& name, const std::string& ip, const std::string& alias) {
  auto& container = containers[name];
  container = std::make_shared<Container>();
  container->ips = {ip};
  container->nodes = {a_node("app@" + name)};
  world.plug_in(container);
  world.dns.add(alias, ip);
  world.dns.add(name, ip);
  world.dns.reverse[ip] = {name + ".net_poc"};
  return *container;
}

void Cluster::stop(const std::string& name) {
  const auto container = containers.at(name);
  for (const std::string& ip : container->ips) {
    for (auto& [host, ips] : world.dns.hosts) std::erase(ips, ip);
    world.dns.reverse.erase(ip);
  }
  world.unplug(container);
  containers.erase(name);
}

void Cluster::restart_node(const std::string& name) {
  for (Node& node : containers.at(name)->nodes) node = a_node(node.name);
}

Node& Cluster::have_local(const std::string& name) {
  const Node node = a_node(name);
  self->nodes.push_back(node);
  world.local_names.push_back({node.alive_name(), node.port_no, node.creation});
  return self->nodes.back();
}

void Cluster::begin(const Settings& how) {
  loop = std::make_unique<discovery::Discovery>(
      ports_, how, [this](const discovery::Report& report) { take(report); });
}

void Cluster::take(const discovery::Report& report) {
  if (const std::string fault = laws_.find_fault(report); !fault.empty()) faults.push_back(fault);
  ++rounds_told;
  told_at.push_back(world.now());
  changes.insert(changes.end(), report.changes.begin(), report.changes.end());
  last = report.sightings;
  took = report.took;
  if (on_report) on_report(report);
}

void Cluster::check_faults() const {
  if (faults.empty()) return;
  INFO(faults.front());
  REQUIRE(faults.empty());
}

void Cluster::run(Time span) {
  world.run_for(span);
  check_faults();
}

void Cluster::rounds(unsigned count) {
  const unsigned until = rounds_told + count;
  const Time end = world.now() + count * 30s;
  while (rounds_told < until && world.step(end)) continue;
  REQUIRE(rounds_told == until);
  check_faults();
}

std::vector<std::string> Cluster::take_told() {
  std::vector<std::string> texts;
  for (; asked_ < changes.size(); ++asked_) texts.push_back(told(changes[asked_]));
  return texts;
}

std::string Cluster::reason(size_t index) const {
  return index < changes.size() ? changes[index].reason : "";
}

std::vector<std::string> Cluster::names() const {
  std::vector<std::string> names;
  for (const auto& [name, member] : loop->members()) names.push_back(name);
  return names;
}

const discovery::Member& Cluster::member(const std::string& name) const {
  const auto found = loop->members().find(name);
  REQUIRE(found != loop->members().end());
  return found->second;
}

std::vector<std::string> Cluster::non_members() const {
  std::vector<std::string> texts;
  for (const discovery::NonMember& non_member : last.non_members)
    texts.push_back(non_member.name + ": " + non_member.why);
  return texts;
}

bool Cluster::has_non_member(const std::string& name, const std::string& why) const {
  return std::any_of(last.non_members.begin(), last.non_members.end(), [&](const auto& each) {
    return each.name == name && each.why.find(why) != std::string::npos;
  });
}

unsigned Cluster::handshakes() const {
  unsigned sum = 0;
  for (const auto& [place, count] : world.handshaken) sum += count;
  return sum;
}

}  // namespace sim
