#pragma once

#include <sys/types.h>

#include <csignal>
#include <vector>

#include "keeper/store.h"

namespace keeper {

/// What a server follows.
enum class Follows {
  nothing,
  crashed_server,
  /// A program that has given its place to this one: an upgrade.
  replaced_program,
  /// A daemon that has ended, whose sockets the service manager has kept: a restart.
  ended_daemon,
};

/// The signal that tells a server that its keeper has died, if there is something left to do: the
/// sockets are to be stored for a restart.
inline int keeper_died() { return SIGRTMIN; }

/// What a server is told when it starts.
struct Life {
  /// Of the memory with the names (SharedMemory).
  int memory = -1;
  /// The server's end of the socket pair between it and its keeper.
  int channel = -1;
  /// For a restart of the service.
  StoredPair pair = {};
  /// Descriptors that are no server's to close: the keeper's, and those it was started with.
  std::vector<int> kept = {};
  pid_t keeper = 0;
  Follows follows = Follows::nothing;
  /// The signal that ended the server before, if that crashed.
  int last_signal = 0;
  /// It had not answered its keeper, who has ended it.
  bool was_hung = false;
  /// The last servers have crashed too often: the names are dropped.
  bool lets_go = false;
  /// Who asked for the upgrade, and waits for what came of it; -1: nobody.
  int requester = -1;
};

}  // namespace keeper
