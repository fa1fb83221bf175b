#include "push/cookie_checks.h"

namespace push {

base::Result<OwnedCookie> CookieChecks::cookie() {
  base::Result<OwnedCookie> cookie = source_.read();
  if (!cookie) return cookie;
  const dist::Digest mark = cookie->cookie.answer(0);
  if (mark != mark_) {
    mark_ = mark;
    refused_.clear();
    unconnectable_.forget_all();
  }
  return cookie;
}

void CookieChecks::note_failure(const std::string& node, const discovery::Sighting& peer,
                                unsigned failures) {
  unconnectable_.note_failure(node, peer, failures, source_.describe(), loop_.now());
}

void CookieChecks::keep(const std::set<Incarnation>& present) {
  std::erase_if(refused_, [&](const Incarnation& who) { return !present.contains(who); });
  unconnectable_.keep(present);
}

}  // namespace push
