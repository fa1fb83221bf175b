#include "discovery/identities.h"

#include <algorithm>

namespace discovery {
namespace {

using Outcome = Identification::Outcome;

/// When to ask a place again that did not say who it is.
Time patience(Outcome outcome, unsigned failures) {
  constexpr unsigned doublings_max = 11;
  const Time doubled = Identities::doubt_patience * (1U << std::min(failures - 1, doublings_max));
  switch (outcome) {
    case Outcome::identified:
      return Time::max();
    case Outcome::not_allowed:
    case Outcome::speaks_tls:
    case Outcome::closed:
      return Identities::refusal_patience;
    case Outcome::busy:
      return Time::zero();
    case Outcome::silent:
    case Outcome::refused:
      return std::min(Identities::silence_patience_max, doubled);
    default:
      return std::min(Identities::refusal_patience, doubled);
  }
}

}  // namespace

std::optional<Identification> Identities::find(const Listed& place, Time now) const {
  const auto known = known_.find(place);
  if (known == known_.end() || known->second.ask_again <= now) return std::nullopt;
  return known->second.identification;
}

void Identities::learn(const Listed& place, const Identification& identification, Time now) {
  Known& known = known_[place];
  ++known.failures;
  known.identification = identification;
  const Time wait = patience(identification.outcome, known.failures);
  known.ask_again = wait == Time::max() ? wait : now + wait;
}

}  // namespace discovery
