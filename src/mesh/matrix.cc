#include "mesh/matrix.h"

#include <algorithm>
#include <utility>

namespace mesh {
namespace {

bool is_same_member(const Node& one, const Node& other) {
  return one.name == other.name && one.flags == other.flags && one.is_verified == other.is_verified;
}

}  // namespace

bool Matrix::are_as_before(const std::vector<Node>& nodes) const {
  return std::equal(nodes.begin(), nodes.end(), nodes_.begin(), nodes_.end(), is_same_member);
}

void Matrix::keep(std::vector<Node> nodes) {
  if (are_as_before(nodes)) return;
  std::vector<std::vector<bool>> rows(nodes.size(), std::vector<bool>(nodes.size()));
  std::unordered_map<std::string, Index> places;
  std::vector<std::pair<Index, Index>> stay;  // where it was, where it is
  for (Index now = 0; now < nodes.size(); ++now) {
    const std::string name = nodes[now].name.to_string();
    places[name] = now;
    const auto before = places_.find(name);
    if (before == places_.end()) continue;
    nodes[now].why_unknown = nodes_[before->second].why_unknown;
    stay.emplace_back(before->second, now);
  }
  for (const auto& [one_before, one] : stay)
    for (const auto& [other_before, other] : stay)
      rows[one][other] = rows_[one_before][other_before];
  nodes_ = std::move(nodes);
  rows_ = std::move(rows);
  places_ = std::move(places);
  ++revision_;
}

void Matrix::note(const NodeLinks& links) {
  const auto place = places_.find(links.node);
  if (place == places_.end()) return;
  std::vector<bool> row(nodes_.size());
  for (const std::string& peer : links.peers)
    if (const auto other = places_.find(peer); other != places_.end()) row[other->second] = true;
  Node& node = nodes_[place->second];
  if (row == rows_[place->second] && node.why_unknown == links.why_unknown) return;
  rows_[place->second] = std::move(row);
  node.why_unknown = links.why_unknown;
  ++revision_;
}

}  // namespace mesh
