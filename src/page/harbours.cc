#include "page/harbours.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/host_port.h"
#include "epmd/alive_name.h"
#include "page/natural_order.h"

namespace page {
namespace {

using State = Harbour::State;

/// A node that is to be drawn, and by what it can be grouped.
struct Node {
  Harbour harbour = {};
  std::string host = {};
  std::string query = {};
};
using Nodes = std::vector<Node>;

bool is_in_trouble(const Node& node) {
  return node.harbour.state == State::missing || node.harbour.state == State::non_member;
}

std::string at(const discovery::Endpoint& endpoint) {
  return base::join_host_port(endpoint.ip, endpoint.port_no);
}

Node node_of(const std::string& name, const discovery::Member& member) {
  const discovery::Sighting& seen = member.seen;
  const State state = member.rounds_missing > 0 ? State::missing
                      : seen.is_verified        ? State::verified
                                                : State::guessed;
  return {{state, name, at(seen.node), name_of(state)}, seen.name.host_part, seen.queries.front()};
}

Node node_of(const discovery::NonMember& non_member) {
  return {{State::non_member, epmd::escape_name(non_member.name), at(non_member.node),
           "not a member: " + non_member.why},
          {},
          non_member.query};
}

Nodes nodes_of(const status::Store& store) {
  Nodes nodes;
  for (const auto& [name, each] : store.members()) nodes.push_back(node_of(name, each.member));
  for (const discovery::NonMember& each : store.non_members()) nodes.push_back(node_of(each));
  return nodes;
}

/// Each group is of one state.
using Groups = std::map<std::pair<std::string, State>, size_t>;

Groups grouped(const Nodes& nodes, std::string Node::*by) {
  Groups groups;
  for (const Node& node : nodes) ++groups[{node.*by, node.harbour.state}];
  return groups;
}

constexpr size_t groups_max = harbours_max / 2;

/// The largest; what is left is drawn as one for each state.
Groups largest(const Groups& groups) {
  if (groups.size() <= groups_max) return groups;
  std::vector<std::pair<std::pair<std::string, State>, size_t>> sorted(groups.begin(),
                                                                       groups.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& one, const auto& other) { return one.second > other.second; });
  constexpr size_t states = 4;
  const auto rest = sorted.begin() + (groups_max - states);
  Groups shown(sorted.begin(), rest);
  for (auto each = rest; each != sorted.end(); ++each)
    shown[{"others", each->first.second}] += each->second;
  return shown;
}

void add(Harbours& harbours, const Groups& groups) {
  for (const auto& [kind, count] : groups) {
    const std::string text = fmt::format("{} nodes, {}", count, name_of(kind.second));
    harbours.all.push_back(
        {kind.second, fmt::format("{}: {}", kind.first, count), {}, text, count});
  }
}

void add(Harbours& harbours, const Nodes& nodes) {
  for (const Node& node : nodes) harbours.all.push_back(node.harbour);
}

void group(Harbours& harbours, Nodes nodes) {
  const auto trouble =
      std::stable_partition(nodes.begin(), nodes.end(), std::not_fn(is_in_trouble));
  const Nodes troubled(trouble, nodes.end());
  nodes.erase(trouble, nodes.end());
  const Groups hosts = grouped(nodes, &Node::host);
  const bool are_few_hosts = hosts.size() <= groups_max;
  add(harbours, are_few_hosts ? hosts : largest(grouped(nodes, &Node::query)));
  const bool are_many_troubled = harbours.all.size() + troubled.size() > harbours_max;
  if (are_many_troubled)
    add(harbours, largest(grouped(troubled, &Node::query)));
  else
    add(harbours, troubled);
  harbours.grouping = fmt::format("{} nodes are drawn by {}{}", nodes.size() + troubled.size(),
                                  are_few_hosts ? "host" : "query",
                                  are_many_troubled  ? ", those in trouble by query"
                                  : troubled.empty() ? ""
                                                     : ", those in trouble one by one");
}

}  // namespace

Harbours harbours_of(const status::Store& store) {
  const Nodes nodes = nodes_of(store);
  Harbours harbours;
  if (nodes.size() <= harbours_max)
    add(harbours, nodes);
  else
    group(harbours, nodes);
  std::stable_sort(
      harbours.all.begin(), harbours.all.end(),
      [](const Harbour& one, const Harbour& other) { return comes_before(one.name, other.name); });
  return harbours;
}

const char* name_of(Harbour::State state) {
  switch (state) {
    case State::verified: return "verified";
    case State::guessed: return "guessed";
    case State::missing: return "missing";
    case State::non_member: return "non-member";
  }
  return "";
}

}  // namespace page
