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

void Laws::check(const discovery::Report& report) {
  for (const Change& change : report.changes) {
    const std::string name = change.member.name.to_string();
    INFO(told(change));
    if (change.kind == Change::Kind::joined)
      REQUIRE(members_.emplace(name, change.member.creation).second);
    else
      REQUIRE(members_.erase(name) == 1);
    REQUIRE(change.reason.empty() == (change.kind == Change::Kind::joined));
    REQUIRE_FALSE(change.member.queries.empty());
  }
  REQUIRE(members_.size() == report.members.size());
  for (const auto& [name, member] : report.members) {
    INFO(name);
    REQUIRE(member.seen.name.to_string() == name);
    REQUIRE(members_.contains(name));
  }
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
  laws_.check(report);
  ++rounds_told;
  told_at.push_back(world.now());
  changes.insert(changes.end(), report.changes.begin(), report.changes.end());
  last = report.sightings;
  took = report.took;
  if (on_report) on_report(report);
}

void Cluster::rounds(unsigned count) {
  const unsigned until = rounds_told + count;
  const Time end = world.now() + count * 30s;
  while (rounds_told < until && world.step(end)) continue;
  REQUIRE(rounds_told == until);
}

std::vector<std::string> Cluster::take_told() {
  std::vector<std::string> texts;
  for (; asked_ < changes.size(); ++asked_) texts.push_back(told(changes[asked_]));
  return texts;
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

std::vector<std::string> Cluster::strays() const {
  std::vector<std::string> texts;
  for (const discovery::Stray& stray : last.strays) texts.push_back(stray.name + ": " + stray.why);
  return texts;
}

unsigned Cluster::handshakes() const {
  unsigned sum = 0;
  for (const auto& [place, count] : world.handshaken) sum += count;
  return sum;
}

}  // namespace sim
