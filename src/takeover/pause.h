#pragma once

#include <vector>

#include "takeover/old_process.h"

namespace takeover {

/// The processes of an EPMD, stopped for a moment. They go on when this object is gone, unless it
/// is said that somebody else sees to it.
class Pause {
 public:
  /// Stops them in their order: a keeper that runs would make a new server. They outlive this.
  explicit Pause(const std::vector<OldProcess>& processes);
  Pause(const Pause&) = delete;
  Pause& operator=(const Pause&) = delete;
  ~Pause();

  bool is_complete() const { return is_complete_; }
  void leave_to_guard() { is_left_ = true; }

 private:
  const std::vector<OldProcess>& processes_;
  bool is_complete_ = true;
  bool is_left_ = false;
};

/// Lets them go on, in the opposite order.
void resume(const std::vector<OldProcess>& processes);

}  // namespace takeover
