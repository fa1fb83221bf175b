#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace http {

/// The host of what a Host field holds, `HOST[:PORT]` (RFC 9112, 3.2): in lower case, without the
/// port, the brackets and zone of an IPv6 address, and the dot that may end a name. An empty text
/// is an empty host. Nothing: it is not a host.
std::optional<std::string> parse_http_host(std::string_view text);

/// The hosts that requests may be for. This is the protection against DNS rebinding: a web page
/// lets its own name lead to an address of the daemon, so that a browser takes the daemon's answers
/// for the page's own. Its name is still in the request.
///
/// Always accepted is what no web page can own: addresses, names without a dot (no name in the
/// public DNS is like that; services of Compose and Docker are), names under localhost, and the
/// name of this host.
class Hosts {
 public:
  /// `own` is the host's name. `further` are names, `*.DOMAIN` for all below a domain, and `*` for
  /// any; each is_pattern().
  Hosts(std::string_view own, const std::vector<std::string>& further);

  /// `host` as parse_http_host() returns it.
  bool accepts(std::string_view host) const;

  static bool is_pattern(std::string_view text);

 private:
  std::vector<std::string> names_ = {};
  std::vector<std::string> domains_ = {};  // each begins with a dot
  bool accepts_any_ = false;
};

}  // namespace http
