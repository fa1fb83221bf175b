#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/result.h"
#include "dist/cookie.h"

namespace push {

/// A cookie, and the user that it belongs to: the file's owner, or, if it was in a variable, the
/// user of this process.
struct OwnedCookie {
  dist::Cookie cookie;
  uid_t owner = 0;
};

/// Where the cookie is kept: in a variable of the environment, or in a file. It is read when it is
/// needed, so that a node that starts beside us may make the file, and a mended one counts at once.
struct CookieSource {
  /// The variable's name; empty: a file.
  std::string variable = {};
  std::string path = {};

  /// An error says what to do. A file is read as Erlang reads it: nobody else may have access, and
  /// line ends behind the cookie do not count.
  base::Result<OwnedCookie> read() const;
  /// What to call it: its path, or the variable's name.
  std::string describe() const;
};

/// Printable ASCII, at most 255, with nothing behind it but ends of lines and blanks after them.
/// `source` names it in an error.
base::Result<dist::Cookie> parse_cookie(std::string_view text, const std::string& source);

}  // namespace push
