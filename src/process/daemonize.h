#pragma once

#include "base/result.h"
#include "event/descriptor.h"

namespace process {

/// The process that `epmd -daemon` leaves behind: a session of its own, cwd /, umask 0, standard
/// input and output on /dev/null, SIGHUP ignored, no inherited descriptor but systemd's.
/// The process that called it exits with status 0 once the daemon says that it is ready, or ends.
/// (The reference's does so before the port is bound, so that a connect may come too early.)
struct Daemon {
  /// Closing it, or ending, tells the waiting parent that the daemon is ready.
  event::Descriptor ready = {};
};

enum class InheritedSockets { keep, close };

/// Returns in the daemon only. Call it before threads, loops or sockets are made.
base::Result<Daemon> daemonize(InheritedSockets inherited);

}  // namespace process
