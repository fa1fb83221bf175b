#include "push/cookie_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "event/descriptor.h"

namespace push {
namespace {

using base::Error;
using base::Result;

bool is_printable(char c) { return c >= ' ' && c <= '~'; }
bool may_stand_behind(char c) { return c == '\n' || c == '\r' || c == ' '; }

/// A text that is wiped when it is not needed any more.
struct Secret {
  std::array<char, 4096> bytes;  // NOLINT: filled by read
  size_t size = 0;
  ~Secret() { explicit_bzero(bytes.data(), bytes.size()); }
  std::string_view view() const { return {bytes.data(), size}; }
};

Error cannot_read(const std::string& path) {
  return {"cannot read the cookie file " + path + ": " + std::strerror(errno) +
              "; name another file with --cookie-file, or leave out --cookie-file "
              "(PORTOLAN_COOKIE_FILE) and give the cookie in PORTOLAN_COOKIE",
          errno};
}

Result<OwnedCookie> owned_by(uid_t owner, Result<dist::Cookie> cookie) {
  if (!cookie) return cookie.error();
  return OwnedCookie{std::move(*cookie), owner};
}

/// Only the owner and root can change the mode, and nobody where the file system is read-only, as
/// that of a secret is.
bool can_change_mode(int descriptor, const struct stat& status) {
  struct statvfs system = {};
  const bool is_read_only = fstatvfs(descriptor, &system) == 0 && (system.f_flag & ST_RDONLY) != 0;
  return !is_read_only && (geteuid() == 0 || geteuid() == status.st_uid);
}

Error open_to_others(int descriptor, const struct stat& status, const std::string& path) {
  const std::string what =
      "the cookie file " + path +
      " is open to others than its owner, and Erlang would not take it either; ";
  if (can_change_mode(descriptor, status)) return {what + "run chmod 400 on it"};
  return {what +
          "its mode cannot be changed from here: give the secret mode 0400 and the uid of the "
          "node's user where it is defined (Compose and Swarm: mode and uid, Kubernetes: "
          "defaultMode), or copy it to a file of mode 400, and name that with --cookie-file"};
}

Result<OwnedCookie> read_open_file(int descriptor, const std::string& path) {
  struct stat status = {};
  if (fstat(descriptor, &status) != 0) return cannot_read(path);
  if (!S_ISREG(status.st_mode)) return Error{"the cookie file " + path + " is no regular file"};
  constexpr mode_t others = S_IRWXG | S_IRWXO;
  if ((status.st_mode & others) != 0) return open_to_others(descriptor, status, path);
  Secret secret;
  const ssize_t count = read(descriptor, secret.bytes.data(), secret.bytes.size());
  if (count < 0) return cannot_read(path);
  secret.size = static_cast<size_t>(count);
  return owned_by(status.st_uid, parse_cookie(secret.view(), "the cookie file " + path));
}

}  // namespace

Result<dist::Cookie> parse_cookie(std::string_view text, const std::string& source) {
  const auto* const end = std::find_if_not(text.begin(), text.end(), is_printable);
  const auto size = static_cast<size_t>(end - text.begin());
  if (!std::all_of(end, text.end(), may_stand_behind))
    return Error{source +
                 " holds characters that no cookie has; it is one line of printable ASCII"};
  if (size == 0) return Error{source + " is empty; put the nodes' cookie there"};
  if (size > dist::Cookie::bytes_max)
    return Error{source + " is longer than the 255 characters that a cookie may have"};
  return dist::Cookie(text.substr(0, size));
}

Result<OwnedCookie> CookieSource::read() const {
  if (!variable.empty()) {
    const char* const text = std::getenv(variable.c_str());
    return owned_by(geteuid(), parse_cookie(text ? text : "", variable));
  }
  const event::Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open()) return cannot_read(path);
  return read_open_file(file.get(), path);
}

std::string CookieSource::describe() const { return variable.empty() ? path : variable; }

}  // namespace push
