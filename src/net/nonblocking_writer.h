#pragma once

#include <sys/types.h>

#include <string_view>

#include "event/descriptor.h"

namespace net {

/// Writes to a descriptor that other processes may share, such as standard error, and never waits
/// for its reader. O_NONBLOCK would be set for all who share it, so it is not set there: sockets
/// have a flag for each call, and a pipe or a terminal is opened once more, for this alone. Where
/// that is not allowed, such as with another user's pipe, it is polled, and gets no more than a
/// pipe that can be written to takes at once. Files on a disk are written to as they are.
class NonblockingWriter {
 public:
  /// `descriptor` stays the caller's.
  explicit NonblockingWriter(int descriptor);

  /// How many of the bytes were taken, perhaps none of them; or -1 and errno, which is EAGAIN
  /// while the other side does not read.
  ssize_t write(std::string_view bytes) const;

 private:
  enum class Kind { socket, stream, file };
  static Kind kind_of(int descriptor);

  int descriptor_;
  Kind kind_;
  event::Descriptor own_ = {};  // of a stream; closed: it could not be opened once more
};

}  // namespace net
