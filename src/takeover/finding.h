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

/// Looks for the EPMD that is `process`; 0: for the one that listens on `port`. Raises the soft
/// limit of descriptors to the hard one.
Found find(pid_t process, uint16_t port);

}  // namespace takeover
