#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "discovery/members.h"
#include "discovery/task_limiter.h"
#include "event/loop.h"
#include "mesh/matrix.h"
#include "probe/mesh_question.h"

namespace service {

/// Asks the EPMDs of some members, once, whom the nodes there have. An EPMD is believed only what
/// it tells of members that were found at it. To drop it is to want no answer.
class MeshGathering {
 public:
  /// Each answer may be as long as mesh_answer_bytes_max.
  static constexpr size_t at_once_max = 32;
  static constexpr std::chrono::milliseconds timeout = std::chrono::seconds(2);

  /// The loop and the matrix, which is told of each answer as it comes, outlive it. `on_done` may
  /// destroy it; it is not called from within this, and not at all if there are no members.
  MeshGathering(event::Loop& loop, const discovery::Members& members, mesh::Matrix& matrix,
                std::function<void()> on_done, size_t at_once = at_once_max,
                size_t bytes_max = probe::mesh_answer_bytes_max);

 private:
  void ask(const discovery::Endpoint& epmd);
  void take(const discovery::Endpoint& epmd, const probe::MeshAnswer& answer);

  event::Loop& loop_;
  mesh::Matrix& matrix_;
  size_t bytes_max_;
  /// Names of nodes.
  std::map<discovery::Endpoint, std::set<std::string>> nodes_ = {};
  discovery::TaskLimiter tasks_;
};

/// As the matrix wants them. Nobody has been asked yet.
mesh::Node to_node(const dist::NodeName& name, uint64_t flags, bool is_verified);
std::vector<mesh::Node> to_nodes(const discovery::Members& members);

}  // namespace service
