#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "discovery/members.h"
#include "net/link.h"
#include "net/loop.h"
#include "output/cookie_source.h"

namespace output {

/// Which nodes do not take our cookie. Each time it is tried on such a one, that node logs an
/// error, so it is tried on none twice, until the node is started anew or the cookie is another.
class CookieChecks {
 public:
  /// One life of a node: its name and creation.
  using Who = std::pair<std::string, uint32_t>;
  static constexpr size_t checks_at_once_max = 64;

  /// The loop outlives it.
  CookieChecks(net::Loop& loop, CookieSource source) : loop_(loop), source_(std::move(source)) {}
  CookieChecks(const CookieChecks&) = delete;
  CookieChecks& operator=(const CookieChecks&) = delete;

  /// The cookie as it is now. If it is another than before, nobody has refused it yet.
  base::Result<OwnedCookie> cookie();
  const CookieSource& source() const { return source_; }

  bool is_refused(const Who& who) const { return refused_.contains(who); }
  /// Whether to try it on a node now; if so, that is its check, too.
  bool begin(const Who& who);
  void refuse(const Who& who) { refused_.insert(who); }
  /// Finds out, once, whether a node to which none of ours can connect takes it, and logs if not.
  void check(const discovery::Sighting& node);
  /// Forgets all the others.
  void keep(const std::set<Who>& present);

 private:
  void on_checked(const Who& who, net::Link::End end);

  net::Loop& loop_;
  CookieSource source_;
  /// What the cookie answers to a challenge that no node is asked.
  dist::Digest mark_ = {};
  std::set<Who> refused_ = {};
  std::set<Who> checked_ = {};
  std::map<Who, std::unique_ptr<net::Link>> links_ = {};
};

}  // namespace output
