#pragma once

#include <cstddef>
#include <optional>

namespace process {

/// How much more memory this process may have: the least of what RLIMIT_AS, RLIMIT_DATA and its
/// control group (memory.max) leave to it. None: there is no such limit.
std::optional<size_t> memory_left();

/// Memory that is kept aside, once in a process, and given up when an allocation fails: the
/// allocation is then tried again, so that what is under way is not torn. It is no exception that
/// tells of the shortage but is_used(), when it suits.
class MemoryReserve {
 public:
  /// Keeps so much aside from now on.
  static void keep(size_t bytes);
  /// Whether an allocation has failed since the reserve was last filled.
  static bool is_used();
  /// Keeps memory aside again. False: there is too little.
  static bool fill();
};

}  // namespace process
