#include "mesh/local_links.h"

#include <algorithm>
#include <utility>

namespace mesh {

void LocalLinks::keep(const std::vector<discovery::LocalNode>& present) {
  std::map<Incarnation, Said> nodes;
  bool is_change = false;
  for (const discovery::LocalNode& node : present) {
    if (dist::flags::is_hidden(node.flags)) continue;
    auto known = nodes_.extract(node.incarnation());
    is_change = is_change || !known;
    if (known)
      nodes.insert(std::move(known));
    else
      nodes[node.incarnation()].why_unknown = "it has not been asked yet";
  }
  if (is_change || !nodes_.empty()) ++revision_;  // somebody came, or is left over
  nodes_ = std::move(nodes);
}

void LocalLinks::expect(const discovery::LocalNode& node, std::set<std::string> members) {
  const auto known = nodes_.find(node.incarnation());
  if (known == nodes_.end() || known->second.expected == members) return;
  known->second.expected = std::move(members);
  ++revision_;
}

void LocalLinks::note(const discovery::LocalNode& node, std::set<std::string> peers, Time now) {
  const auto known = nodes_.find(node.incarnation());
  if (known == nodes_.end()) return;
  Said& said = known->second;
  if (!said.why_unknown.empty() || said.peers != peers) ++revision_;
  tell_lost(said, peers);
  said.why_unknown.clear();
  said.peers = std::move(peers);
  said.when = now;
}

void LocalLinks::tell_lost(const Said& before, const std::set<std::string>& peers) const {
  if (!on_lost_) return;
  for (const std::string& peer : before.peers)
    if (!peers.contains(peer)) on_lost_(peer);
}

void LocalLinks::note_unknown(const discovery::LocalNode& node, const std::string& why) {
  const auto known = nodes_.find(node.incarnation());
  if (known == nodes_.end() || known->second.why_unknown == why) return;
  known->second.why_unknown = why;
  known->second.peers.clear();
  ++revision_;
}

NodeLinks LocalLinks::links_of(const Incarnation& life, const Said& said, Time now) {
  NodeLinks links = {std::get<0>(life), std::get<1>(life), said.why_unknown, said.peers};
  links.expected = said.expected.size();
  if (!said.why_unknown.empty()) return links;
  links.age = now - said.when;
  links.connected = static_cast<size_t>(
      std::count_if(said.expected.begin(), said.expected.end(),
                    [&](const std::string& name) { return said.peers.contains(name); }));
  return links;
}

Report LocalLinks::report(Time now) const {
  Report report;
  for (const auto& [life, said] : nodes_) report.push_back(links_of(life, said, now));
  return report;
}

}  // namespace mesh
