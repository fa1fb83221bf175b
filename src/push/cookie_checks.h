#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include "discovery/members.h"
#include "event/loop.h"
#include "push/cookie_source.h"
#include "push/unconnectable.h"

namespace push {

/// Which nodes do not take our cookie. Each time it is tried on such a one, that node logs an
/// error. A node of this host gets it from the daemon, and is tried once until it is started anew
/// or the cookie is another. A node elsewhere gets it from the nodes here, and never from the
/// daemon: see Unconnectable.
class CookieChecks {
 public:
  /// One life of a node: its name and creation.
  using Incarnation = std::pair<std::string, uint32_t>;

  /// The loop and the prober outlive it.
  CookieChecks(event::Loop& loop, CookieSource source, discovery::Prober& prober)
      : loop_(loop), source_(std::move(source)), unconnectable_(prober) {}
  CookieChecks(const CookieChecks&) = delete;
  CookieChecks& operator=(const CookieChecks&) = delete;

  /// The cookie as it is now. If it is another than before, nobody has refused it yet.
  base::Result<OwnedCookie> cookie();
  const CookieSource& source() const { return source_; }

  /// Whether a node here is not to try it now.
  bool is_refused(const Incarnation& who) const {
    return refused_.contains(who) || unconnectable_.is_left_alone(who, loop_.now());
  }
  void refuse(const Incarnation& who) { refused_.insert(who); }
  /// A node of this host could not connect to one elsewhere, so many times in a row.
  void note_failure(const std::string& node, const discovery::Sighting& peer, unsigned failures);
  void note_connected(const Incarnation& who) { unconnectable_.note_connected(who); }
  /// Forgets all the others.
  void keep(const std::set<Incarnation>& present);

 private:
  event::Loop& loop_;
  CookieSource source_;
  /// What the cookie answers to a challenge that no node is asked.
  dist::Digest mark_ = {};
  std::set<Incarnation> refused_ = {};
  Unconnectable unconnectable_;
};

}  // namespace push
