#include "outputs/file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "event/descriptor.h"

namespace outputs {
namespace {

using base::Done;
using base::Error;
using base::Result;
using event::Descriptor;

constexpr mode_t permissions_default = 0644;

Error error_of(std::string_view tried, const std::string& path, int error_number = errno) {
  return {fmt::format("cannot {} {}: {}", tried, path, std::strerror(error_number))};
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

/// The new file's permissions and owner are the old one's, as far as we may give files away.
void make_like(int descriptor, const std::string& path) {
  struct stat known = {};
  if (stat(path.c_str(), &known) != 0) return;
  if (fchown(descriptor, known.st_uid, known.st_gid) != 0) errno = 0;  // it is not ours to give
  fchmod(descriptor, known.st_mode & 0777);
}

/// A file can be mounted, and be written to, where its folder cannot.
bool is_folder_closed(int error_number) {
  return error_number == EACCES || error_number == EPERM || error_number == EROFS;
}

bool is_mounted_over(int error_number) { return error_number == EBUSY || error_number == EXDEV; }

}  // namespace

Result<Done> replace_file(const std::string& path, std::string_view text) {
  const std::string beside = path + ".portolan";
  unlink(beside.c_str());
  const Descriptor file(open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                             permissions_default));
  if (!file.is_open()) {
    const int why = errno;
    const bool is_there = is_folder_closed(why) && access(path.c_str(), W_OK) == 0;
    return is_there ? write_in_place(path, text) : error_of("create", beside, why);
  }
  make_like(file.get(), path);
  Result<Done> written = write_whole(file.get(), text, beside);
  if (written && std::rename(beside.c_str(), path.c_str()) == 0) return written;
  const int why = errno;
  unlink(beside.c_str());
  if (!written) return written;  // nor in place: a full disk would cost the old text
  return is_mounted_over(why) ? write_in_place(path, text) : error_of("replace", path, why);
}

}  // namespace outputs
