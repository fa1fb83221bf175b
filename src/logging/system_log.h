#pragma once

#include <cstdint>
#include <string>

#include "event/descriptor.h"

namespace logging {

/// The system's log, as syslog(3) writes to it (RFC 3164, to the socket /dev/log), but without
/// waiting: syslog() blocks for as long as the log is not read. A line that is not taken is lost,
/// and counted; the count is told when lines are taken again.
class SystemLog {
 public:
  static constexpr const char* default_path = "/dev/log";

  /// `priority` is one of syslog(3)'s facilities and levels together.
  SystemLog(std::string identity, int priority, std::string path = default_path)
      : identity_(std::move(identity)), priority_(priority), path_(std::move(path)) {}

  void write(const std::string& line);

 private:
  bool put(const std::string& line);
  bool send_rest();
  bool connect();
  std::string framed(const std::string& line) const;

  std::string identity_;
  int priority_;
  std::string path_;
  event::Descriptor socket_ = {};
  bool is_stream_ = false;
  std::string rest_ = {};  // of a line that a stream has taken in part
  uint64_t lost_ = 0;
};

}  // namespace logging
