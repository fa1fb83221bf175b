#pragma once

#include <chrono>
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

/// Keeps the store's picture of the mesh: asks the daemons of a few members, in turn, after each
/// round and while somebody looks. The nodes of this host are known anyway. So a daemon asks no
/// more in a large cluster than in a small one, and less if nobody looks.
class MeshWatch final : public outputs::Output {
 public:
  /// At a time.
  static constexpr size_t asked_max = 32;
  /// Whoever looks more often sees what was found out last.
  static constexpr std::chrono::milliseconds look_wait = std::chrono::seconds(1);
  /// Answers come from strangers, and are read in the loop.
  static constexpr size_t at_once_max = 4;
  static constexpr size_t answer_bytes_max = size_t{1} << 20;
  /// Of a larger cluster nothing is drawn: to look at each two would hold up the loop.
  static constexpr size_t members_max = 1000;

  /// All outlive it.
  MeshWatch(event::Loop& loop, const mesh::LocalLinks& links, status::Store& store)
      : loop_(loop), links_(links), store_(store) {}

  void tell(const discovery::Report& report) override;
  /// Somebody looks at the store's picture: asks some more.
  void look();

 private:
  void keep(const discovery::Report& report);
  void note_own();
  void ask();
  discovery::Members next();
  void draw();

  event::Loop& loop_;
  const mesh::LocalLinks& links_;
  status::Store& store_;
  mesh::Matrix matrix_ = {};
  uint64_t drawn_ = 0;
  /// Of the last round; empty if there are more than members_max.
  discovery::Members members_ = {};
  event::Loop::Time asked_ = {};
  /// The member that was asked last.
  std::string last_ = {};
  std::unique_ptr<MeshGathering> gathering_ = {};
};

}  // namespace service
