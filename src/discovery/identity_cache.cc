#include "discovery/identity_cache.h"

#include <algorithm>

namespace discovery {
namespace {

using Outcome = Identification::Outcome;

/// A node closes on the first of two who ask at once under one name, as two of 64 daemons do: that
/// passes. TLS distribution up to OTP 23 closes too, each time, and logs it.
Time timeout_of_closed(unsigned failures) {
  return failures == 1 ? Time::zero() : IdentityCache::refusal_retention;
}

/// When to ask a place again that did not say who it is.
Time timeout(Outcome outcome, unsigned failures) {
  constexpr unsigned doublings_max = 11;
  const unsigned doublings = std::min(std::max(failures, 1U) - 1, doublings_max);
  const Time doubled = IdentityCache::doubt_timeout * (1U << doublings);
  switch (outcome) {
    case Outcome::identified: return Time::max();
    case Outcome::not_allowed:
    case Outcome::tls_failed:
    case Outcome::speaks_tls: return IdentityCache::refusal_retention;
    case Outcome::closed: return timeout_of_closed(failures);
    case Outcome::busy: return Time::zero();
    case Outcome::not_asked: return IdentityCache::doubt_timeout;
    case Outcome::silent:
    case Outcome::refused: return std::min(IdentityCache::silence_back_off_max, doubled);
    default: return std::min(IdentityCache::refusal_retention, doubled);
  }
}

}  // namespace

std::optional<Identification> IdentityCache::find(const ListedNode& place, Time now) const {
  const auto known = known_.find(place);
  if (known == known_.end() || known->second.ask_again <= now) return std::nullopt;
  return known->second.identification;
}

std::optional<dist::Challenge> IdentityCache::find_challenge(const ListedNode& place,
                                                             Time now) const {
  const auto known = find(place, now);
  if (!known || known->outcome != Outcome::identified) return std::nullopt;
  return known->challenge;
}

void IdentityCache::learn(const ListedNode& place, const Identification& identification, Time now) {
  Known& known = known_[place];
  const bool has_failed =
      identification.outcome != Outcome::identified && identification.outcome != Outcome::not_asked;
  known.failures = has_failed ? known.failures + 1 : 0;
  known.identification = identification;
  const Time wait = timeout(identification.outcome, known.failures);
  known.ask_again = wait == Time::max() ? wait : now + wait;
}

bool IdentityCache::forget_failed_tls() {
  return std::erase_if(known_, [](const auto& known) {
           return known.second.identification.outcome == Outcome::tls_failed;
         }) > 0;
}

}  // namespace discovery
