#include "mesh/local_links.h"

#include <algorithm>
#include <utility>

namespace mesh {
namespace {

std::optional<discovery::LocalName> registration_of(const discovery::LocalNode& node) {
  return node.is_registered ? std::optional(node.local_name()) : std::nullopt;
}

}  // namespace

void LocalLinks::keep(const std::vector<discovery::LocalNode>& present) {
  std::map<Incarnation, Said> nodes;
  bool is_change = false;
  told_.clear();
  for (const discovery::LocalNode& node : present) {
    if (node.is_registered) told_.insert(node.local_name());
    if (dist::flags::is_hidden(node.flags)) continue;
    auto known = nodes_.extract(node.incarnation());
    is_change = is_change || !known;
    Said& said = nodes[node.incarnation()];
    if (known)
      said = std::move(known.mapped());
    else
      said.why_unknown = "it has not been asked yet";
    said.registration = registration_of(node);
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
  const Registered registered = ask_registered_ ? ask_registered_() : Registered{};
  Report report;
  for (const auto& [life, said] : nodes_)
    if (!ask_registered_ || !said.registration || registered.contains(*said.registration))
      report.push_back(links_of(life, said, now));
  add_untold(report, registered);
  return report;
}

/// No more than a report may have, and none whose name no node can have.
void LocalLinks::add_untold(Report& report, const Registered& registered) const {
  for (const auto& [name, counts] : registered) {
    if (!counts || told_.contains(name) || report.size() >= nodes_max) continue;
    NodeLinks links = {name.alive_name, name.creation, "it has not told its name yet"};
    if (has_name(links)) report.push_back(std::move(links));
  }
}

}  // namespace mesh
