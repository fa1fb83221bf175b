#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "event/loop.h"
#include "mesh/local_links.h"
#include "mesh/matrix.h"
#include "outputs/output.h"
#include "service/mesh_gathering.h"
#include "status/store.h"

namespace service {

/// Keeps the store's picture of the mesh: asks the daemons of a few members after each round, in
/// turn, and the nodes of this host are known anyway. So a daemon asks no more in a large cluster
/// than in a small one.
class MeshWatch final : public outputs::Output {
 public:
  /// After a round.
  static constexpr size_t asked_max = 16;
  /// Answers come from strangers, and are read in the loop.
  static constexpr size_t at_once_max = 4;
  static constexpr size_t answer_bytes_max = size_t{1} << 20;
  /// Of a larger cluster nothing is drawn: to look at each two would hold up the loop.
  static constexpr size_t members_max = 1000;

  /// All outlive it.
  MeshWatch(event::Loop& loop, const mesh::LocalLinks& links, status::Store& store)
      : loop_(loop), links_(links), store_(store) {}

  void tell(const discovery::Report& report) override;

 private:
  void keep(const discovery::Report& report);
  void note_own();
  discovery::Members next(const discovery::Members& members);
  void draw();

  event::Loop& loop_;
  const mesh::LocalLinks& links_;
  status::Store& store_;
  mesh::Matrix matrix_ = {};
  uint64_t drawn_ = 0;
  /// The member that was asked last.
  std::string last_ = {};
  std::unique_ptr<MeshGathering> gathering_ = {};
};

}  // namespace service
