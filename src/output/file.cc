#include "output/file.h"

#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "net/descriptor.h"

namespace output {
namespace {

using base::Done;
using base::Error;
using base::Result;
using net::Descriptor;

constexpr mode_t permissions_default = 0644;
/// More is no file of ours.
constexpr size_t file_bytes_max = size_t{16} << 20;

Error error_of(std::string_view tried, const std::string& path) {
  return {fmt::format("cannot {} {}: {}", tried, path, std::strerror(errno))};
}

Result<Done> write_whole(int descriptor, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t count = write(descriptor, text.data(), text.size());
    if (count < 0 && errno != EINTR) return error_of("write", path);
    if (count > 0) text.remove_prefix(static_cast<size_t>(count));
  }
  return fsync(descriptor) == 0 ? Result<Done>(Done{}) : error_of("write", path);
}

Result<Done> write_in_place(const std::string& path, std::string_view text) {
  const Descriptor file(open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
  if (!file.is_open()) return error_of("open", path);
  return write_whole(file.get(), text, path);
}

mode_t permissions_of(const std::string& path) {
  struct stat known = {};
  return stat(path.c_str(), &known) == 0 ? known.st_mode & 07777 : permissions_default;
}

Result<Done> write_beside(const std::string& path, const std::string& beside,
                          std::string_view text) {
  const mode_t permissions = permissions_of(path);
  unlink(beside.c_str());
  const Descriptor file(
      open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, permissions));
  if (!file.is_open()) return error_of("create", beside);
  fchmod(file.get(), permissions);
  return write_whole(file.get(), text, beside);
}

}  // namespace

Result<Done> replace_file(const std::string& path, std::string_view text) {
  const std::string beside = path + ".portolan";
  const Result<Done> written = write_beside(path, beside, text);
  if (written && std::rename(beside.c_str(), path.c_str()) == 0) return Done{};
  const Error failed = written ? error_of("replace", path) : written.error();
  const bool is_mounted = written && (errno == EBUSY || errno == EXDEV);
  unlink(beside.c_str());
  // A file can be mounted where its folder cannot be written to.
  const bool is_there = access(path.c_str(), W_OK) == 0;
  if (is_mounted || (!written && is_there)) return write_in_place(path, text);
  return failed;
}

Result<std::string> read_file(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open()) return errno == ENOENT ? Result<std::string>("") : error_of("read", path);
  std::string text;
  std::array<char, 65536> buffer;  // NOLINT: filled by read
  while (true) {
    const ssize_t count = read(file.get(), buffer.data(), buffer.size());
    if (count < 0) return error_of("read", path);
    if (count == 0) return text;
    text.append(buffer.data(), static_cast<size_t>(count));
    if (text.size() > file_bytes_max) return Error{"cannot read " + path + ": it is too large"};
  }
}

}  // namespace output
