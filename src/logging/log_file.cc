#include "logging/log_file.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace logging {
namespace {

constexpr mode_t readable_by_all = 0644;

const char* advice_for(int number) {
  if (number == EISDIR) return "name a file in it with --log-file";
  if (number == ENXIO)
    return "nobody reads this pipe; start its reader first, or name a file with --log-file";
  return "make its folder, let this user write there, or choose another --log-file";
}

base::Error cannot_open(const std::string& path, int number) {
  return {
      "cannot write the log to " + path + ": " + std::strerror(number) + "; " + advice_for(number),
      number};
}

}  // namespace

/// O_NONBLOCK is for a pipe without a reader, which would be waited for.
base::Result<LogFile> LogFile::open(const std::string& path) {
  constexpr int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  event::Descriptor descriptor(::open(path.c_str(), flags, readable_by_all));
  if (!descriptor.is_open()) return cannot_open(path, errno);
  return LogFile(path, std::move(descriptor));
}

LogFile::LogFile(std::string path, event::Descriptor descriptor)
    : path_(std::move(path)), descriptor_(std::move(descriptor)) {}

}  // namespace logging
