#include "net/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "event/descriptor.h"

namespace net {
namespace {

/// More is no file of ours.
constexpr size_t file_bytes_max = size_t{16} << 20;

base::Error error_of(const std::string& path, int number) {
  return {"cannot read " + path + ": " + std::strerror(number), number};
}

}  // namespace

base::Result<std::string> read_file(const std::string& path) {
  const event::Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open() && errno == ENOENT) return std::string();
  if (!file.is_open()) return error_of(path, errno);
  std::string text;
  std::array<char, 65536> buffer;  // NOLINT: filled by read
  while (true) {
    const ssize_t count = read(file.get(), buffer.data(), buffer.size());
    if (count < 0) return error_of(path, errno);
    if (count == 0) return text;
    text.append(buffer.data(), static_cast<size_t>(count));
    if (text.size() > file_bytes_max)
      return base::Error{"cannot read " + path + ": it is too large"};
  }
}

}  // namespace net
