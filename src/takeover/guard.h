#pragma once

#include "base/result.h"
#include "event/descriptor.h"
#include "net/address.h"
#include "takeover/old_process.h"

namespace takeover {

/// A process that sees a takeover through while this one becomes the daemon. It ends the old EPMD
/// when the new one answers. If this process ends before, or the new EPMD does not answer in time,
/// it ends that, and lets the old one go on.
class Guard {
 public:
  /// Makes it, before anything is stopped. `epmd` is where both EPMDs are asked.
  static base::Result<Guard> start(const std::vector<OldProcess>& old, const net::Address& epmd);

  /// The old EPMD is stopped, and this process is about to become the daemon.
  bool expect_daemon(size_t names);

 private:
  explicit Guard(event::Descriptor channel) : channel_(std::move(channel)) {}

  /// Closed by the exec, or when this process ends.
  event::Descriptor channel_;
};

}  // namespace takeover
