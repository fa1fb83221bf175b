#pragma once

#include <cstdint>
#include <optional>

namespace keeper {

/// What a process has sent and read on a TCP socket, as the kernel counts it.
struct ByteCounts {
  uint64_t sent = 0;  // what the kernel took
  uint64_t read = 0;
};

/// Nothing: it is no TCP socket, or the kernel does not count.
std::optional<ByteCounts> byte_counts(int descriptor);

}  // namespace keeper
