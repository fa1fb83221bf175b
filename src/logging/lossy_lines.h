#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "net/nonblocking_writer.h"

namespace logging {

/// Lines for a reader that may not read, such as standard error's. A line that cannot be written
/// now is lost, and counted; the count is told when lines can be written again. A line that was
/// begun is ended before anything else is written.
class LossyLines {
 public:
  /// The line that tells of so many that were lost, and why the first of them was.
  using Note = std::function<std::string(uint64_t lost, const std::string& why)>;

  /// `descriptor` stays the caller's.
  LossyLines(int descriptor, Note note) : writer_(descriptor), note_(std::move(note)) {}

  /// `line` has its end in it.
  void write(const std::string& line);
  /// Ends what was begun and tells what was lost; false: that is still to be done.
  bool catch_up();
  bool is_behind() const { return lost_ > 0 || !rest_.empty(); }
  /// Writes to another descriptor from now on. A line that was begun stays behind and is lost.
  void move_to(int descriptor);

 private:
  bool put(const std::string& line);
  bool write_rest();

  net::NonblockingWriter writer_;
  Note note_;
  std::string rest_ = {};  // of the line that is being written
  uint64_t lost_ = 0;
  int error_number_ = 0;  // why the first of them was lost
};

}  // namespace logging
