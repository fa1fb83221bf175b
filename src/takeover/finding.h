#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "takeover/obstacles.h"
#include "takeover/taking.h"

namespace takeover {

/// The EPMD that is to be taken over, or what stands in the way of that.
struct Found {
  OldEpmd old = {};
  Holders holders = {};
  /// A sentence each. Empty: it can be tried.
  std::vector<std::string> obstacles = {};
};

/// Where to look.
struct Wanted {
  /// 0: the EPMD that listens on `port`.
  pid_t process = 0;
  uint16_t port = 0;
  /// As if no socket unit held the port: it will be stopped.
  bool is_without_socket_unit = false;
};

/// Looks for an EPMD. Raises the soft limit of descriptors to the hard one.
Found find(const Wanted& wanted);

}  // namespace takeover
