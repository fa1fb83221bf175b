#include "mesh/local_links.h"

#include <utility>

namespace mesh {

LocalLinks::Incarnation LocalLinks::incarnation_of(const discovery::LocalNode& node) {
  return {node.name.to_string(), node.creation, node.node.port_no};
}

void LocalLinks::keep(const std::vector<discovery::LocalNode>& present) {
  std::map<Incarnation, Said> nodes;
  bool is_change = false;
  for (const discovery::LocalNode& node : present) {
    if (dist::flags::is_hidden(node.flags)) continue;
    auto known = nodes_.extract(incarnation_of(node));
    is_change = is_change || !known;
    if (known)
      nodes.insert(std::move(known));
    else
      nodes[incarnation_of(node)].why_unknown = "it has not been asked yet";
  }
  if (is_change || !nodes_.empty()) ++revision_;  // somebody came, or is left over
  nodes_ = std::move(nodes);
}

void LocalLinks::note(const discovery::LocalNode& node, std::set<std::string> peers, Time now) {
  const auto known = nodes_.find(incarnation_of(node));
  if (known == nodes_.end()) return;
  Said said = {{}, std::move(peers), now};
  if (!known->second.why_unknown.empty() || known->second.peers != said.peers) ++revision_;
  known->second = std::move(said);
}

void LocalLinks::note_unknown(const discovery::LocalNode& node, const std::string& why) {
  const auto known = nodes_.find(incarnation_of(node));
  if (known == nodes_.end() || known->second.why_unknown == why) return;
  known->second = {why};
  ++revision_;
}

Report LocalLinks::report(Time now) const {
  Report report;
  for (const auto& [life, said] : nodes_)
    report.push_back({std::get<0>(life), std::get<1>(life), said.why_unknown, said.peers,
                      said.why_unknown.empty() ? now - said.when : Time{}});
  return report;
}

}  // namespace mesh
