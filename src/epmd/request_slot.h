#pragma once

#include <array>
#include <cstdint>

#include "epmd/message.h"

namespace epmd {

/// The request that is being answered, in memory that may outlive the process. A server that
/// follows a crashed one finds it there, and answers it (docs/decisions/079).
struct RequestSlot {
  /// Of the connection whose first bytes are in `bytes`; -1: there is none.
  int32_t descriptor = -1;
  /// How many servers have tried to answer after the first.
  uint32_t repeats = 0;
  /// Of the whole reply; 0: none has been made yet.
  uint64_t reply_bytes = 0;
  std::array<char, read_bytes_max> bytes = {};

  /// Where to read what a connection has sent. `is_first`: it has sent nothing before. Later bytes
  /// alone are no request, so that no server answers them.
  char* begin(int of, bool is_first) {
    descriptor = is_first ? of : -1;
    repeats = 0;
    reply_bytes = 0;
    return bytes.data();
  }
};

}  // namespace epmd
