#include "service/mesh_watch.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace service {

/// The push, which is told before, has asked the nodes here or is about to: what they said last is
/// as old as a round.
void MeshWatch::tell(const discovery::Report& report) {
  if (!report.is_same) keep(report);
  note_own();
  draw();
  ask();
}

void MeshWatch::look() {
  if (loop_.now() - asked_ >= look_wait) ask();
}

void MeshWatch::ask() {
  if (gathering_ || members_.empty()) return;
  asked_ = loop_.now();
  gathering_ = std::make_unique<MeshGathering>(
      loop_, next(), matrix_,
      [this] {
        const auto done = std::move(gathering_);  // it is calling this
        draw();
      },
      at_once_max, answer_bytes_max);
}

void MeshWatch::keep(const discovery::Report& report) {
  std::map<std::string, mesh::Node> nodes;
  for (const auto& [name, member] : report.members)
    if (member.seen.is_verified)
      nodes[name] = to_node(member.seen.name, member.seen.flags, true);  // guesses can be made up
  for (const discovery::LocalNode& local : report.sightings.locals)
    if (!dist::flags::is_hidden(local.flags))
      nodes[local.name.to_string()] = to_node(local.name, local.flags, true);
  if (nodes.size() > members_max) nodes.clear();
  std::vector<mesh::Node> in_order;
  in_order.reserve(nodes.size());
  for (auto& [name, node] : nodes) in_order.push_back(std::move(node));
  matrix_.keep(std::move(in_order));
  members_ = matrix_.nodes().empty() ? discovery::Members{} : report.members;
}

void MeshWatch::note_own() {
  for (const mesh::NodeLinks& links : links_.report(loop_.now())) matrix_.note(links);
}

discovery::Members MeshWatch::next() {
  discovery::Members asked;
  auto at = members_.upper_bound(last_);
  for (size_t left = std::min(asked_max, members_.size()); left > 0; --left) {
    if (at == members_.end()) at = members_.begin();
    last_ = at->first;
    asked.insert(*at++);
  }
  return asked;
}

void MeshWatch::draw() {
  if (std::exchange(drawn_, matrix_.revision()) == matrix_.revision()) return;
  store_.take_mesh(mesh::picture_of(matrix_));
}

}  // namespace service
