#pragma once

#include <array>
#include <cstddef>
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

  /// Where to read what a connection has sent, after so many bytes of its request. If these are not
  /// here any more, what is read now is no request, and no server answers it.
  char* begin(int of, size_t bytes_before) {
    const bool goes_on = bytes_before > 0 && descriptor == of && bytes_before < bytes.size();
    descriptor = goes_on || bytes_before == 0 ? of : -1;
    repeats = 0;
    reply_bytes = 0;
    return bytes.data() + (goes_on ? bytes_before : 0);
  }
};

}  // namespace epmd
