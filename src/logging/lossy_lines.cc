#include "logging/lossy_lines.h"

#include <cerrno>
#include <cstring>

namespace logging {

void LossyLines::write(const std::string& line) {
  if (!catch_up() || !put(line)) ++lost_;
}

bool LossyLines::catch_up() {
  if (!write_rest()) return false;
  const bool is_unread = error_number_ == EAGAIN;
  const std::string why = is_unread ? "nobody reads it" : std::strerror(error_number_);
  if (lost_ > 0 && !put(note_(lost_, why))) return false;
  lost_ = 0;
  error_number_ = 0;
  return true;
}

void LossyLines::move_to(int descriptor) {
  if (!rest_.empty()) ++lost_;
  rest_.clear();
  writer_ = net::NonblockingWriter(descriptor);
}

/// False: nothing of it was written.
bool LossyLines::put(const std::string& line) {
  rest_ = line;
  if (write_rest() || rest_.size() < line.size()) return true;
  rest_.clear();
  return false;
}

bool LossyLines::write_rest() {
  while (!rest_.empty()) {
    const ssize_t count = writer_.write(rest_);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && error_number_ == 0) error_number_ = errno;
    if (count <= 0) return false;
    rest_.erase(0, static_cast<size_t>(count));
  }
  return true;
}

}  // namespace logging
