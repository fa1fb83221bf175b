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

using Index = mesh::Picture::Index;

/// A node that is to be drawn, and by what it can be grouped.
struct Node {
  Harbour harbour = {};
  std::string host = {};
  std::string query = {};
  bool lacks_most = false;
};
using Nodes = std::vector<Node>;

bool is_in_trouble(const Node& node) {
  return node.harbour.state == State::missing || node.harbour.state == State::non_member ||
         node.lacks_most;
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

/// Where each node is in the mesh.
class Mesh {
 public:
  explicit Mesh(const mesh::Picture& picture)
      : picture_(picture), groups_(picture.nodes.size(), Harbour::no_group) {
    for (Index node = 0; node < picture.nodes.size(); ++node)
      indices_[picture.nodes[node].name.to_string()] = node;
    for (const mesh::Picture::Degree& degree : picture.degrees)
      missing_max_ = std::max(missing_max_, degree.missing);
    if (!picture.is_split()) return;
    for (size_t group = 0; group < picture.groups.size(); ++group)
      for (const Index node : picture.groups[group]) groups_[node] = group;
  }

  void put(Node& node) const {
    const auto found = indices_.find(node.harbour.name);
    if (found == indices_.end()) return;
    const size_t missing = picture_.degrees[found->second].missing;
    node.harbour.nodes = {found->second};
    node.harbour.group = groups_[found->second];
    node.lacks_most = missing > 0 && 2 * missing >= missing_max_;
  }
  void put(std::vector<Index>& here, const std::string& name) const {
    const auto found = indices_.find(name);
    if (found != indices_.end()) here.push_back(found->second);
  }

 private:
  const mesh::Picture& picture_;
  std::map<std::string, Index> indices_ = {};
  std::vector<size_t> groups_ = {};
  size_t missing_max_ = 0;
};

Nodes nodes_of(const status::Store& store, const Mesh& mesh) {
  Nodes nodes;
  for (const auto& [name, each] : store.members()) {
    nodes.push_back(node_of(name, each.member));
    mesh.put(nodes.back());
  }
  for (const discovery::NonMember& each : store.non_members()) nodes.push_back(node_of(each));
  return nodes;
}

/// By a text, a state and a group of the mesh, the nodes that are drawn as one.
struct Alike {
  std::string text = {};
  State state = State::verified;
  size_t group = Harbour::no_group;
  auto operator<=>(const Alike&) const = default;  // NOLINT: a nullptr, to clang-tidy 14
};
struct Many {
  size_t count = 0;
  std::vector<Index> nodes = {};
  void add(const Many& others) {
    count += others.count;
    nodes.insert(nodes.end(), others.nodes.begin(), others.nodes.end());
  }
};
using Groups = std::map<Alike, Many>;

Groups grouped(const Nodes& nodes, std::string Node::*by) {
  Groups groups;
  for (const Node& node : nodes)
    groups[{node.*by, node.harbour.state, node.harbour.group}].add({1, node.harbour.nodes});
  return groups;
}

constexpr size_t groups_max = harbours_max / 2;

/// The largest; what is left is drawn as one for each state.
Groups largest(const Groups& groups) {
  if (groups.size() <= groups_max) return groups;
  std::vector<std::pair<Alike, Many>> sorted(groups.begin(), groups.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& one, const auto& other) {
    return one.second.count > other.second.count;
  });
  constexpr size_t states = 4;
  const auto rest = sorted.begin() + (groups_max - states);
  Groups shown(sorted.begin(), rest);
  for (auto each = rest; each != sorted.end(); ++each)
    shown[{"others", each->first.state, Harbour::no_group}].add(each->second);
  return shown;
}

void add(Harbours& harbours, const Groups& groups) {
  for (const auto& [kind, many] : groups) {
    const std::string text = fmt::format("{} nodes, {}", many.count, name_of(kind.state));
    harbours.all.push_back({kind.state,
                            fmt::format("{}: {}", kind.text, many.count),
                            {},
                            text,
                            many.count,
                            many.nodes,
                            kind.group});
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
  const Mesh mesh(store.mesh());
  const Nodes nodes = nodes_of(store, mesh);
  Harbours harbours;
  for (const discovery::LocalNode& local : store.locals())
    mesh.put(harbours.here, local.name.to_string());
  if (nodes.size() <= harbours_max)
    add(harbours, nodes);
  else
    group(harbours, nodes);
  std::stable_sort(harbours.all.begin(), harbours.all.end(),
                   [](const Harbour& one, const Harbour& other) {
                     return one.group != other.group ? one.group < other.group
                                                     : comes_before(one.name, other.name);
                   });
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
