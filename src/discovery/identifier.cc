#include "discovery/identifier.h"

#include <optional>
#include <utility>

namespace discovery {
namespace {

using Outcome = Identification::Outcome;

/// As an EPMD would answer that had only this node.
NamesAnswer::Outcome listing_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::refused: return NamesAnswer::Outcome::refused;
    case Outcome::silent: return NamesAnswer::Outcome::silent;
    default: return NamesAnswer::Outcome::listed;
  }
}

/// One that is known and just does not answer is still who it was, and so is one that does not
/// answer us, because our certificate has ended.
bool may_pass(Outcome outcome) {
  return outcome == Outcome::busy || outcome == Outcome::silent || outcome == Outcome::closed ||
         outcome == Outcome::tls_failed || outcome == Outcome::not_asked;
}

bool may_be_visited(const std::optional<Identification>& known) {
  return !known || known->outcome == Outcome::identified || known->outcome == Outcome::refused;
}

bool are_of_one_node(const std::optional<dist::Challenge>& one,
                     const std::optional<dist::Challenge>& other) {
  if (!one || !other) return !one && !other;
  return one->node_name == other->node_name && one->creation == other->creation &&
         one->flags == other->flags;
}

}  // namespace

void Identifier::ask(const ListedNode& place, const std::vector<std::string>& ips, size_t index,
                     const OnAnswer& on_answer) {
  tasks_.add([this, place, ips, index, on_answer](auto done) {
    const Endpoint node = {ips[index], place.port_no};
    return environment_.prober.identify(node, [=, this](const Identification& identification) {
      const bool is_refused = identification.outcome == Outcome::refused;
      if (is_refused && index + 1 < ips.size())
        ask(place, ips, index + 1, on_answer);
      else
        on_answer(identification, node.ip);
      done();
    });
  });
}

void Identifier::identify(const ListedNode& place, const std::vector<std::string>& ips) {
  asked_.insert(place);
  ask(place, ips, 0, [this, place](const Identification& identification, const std::string& ip) {
    learn(place, identification, ip);
  });
}

void Identifier::visit(const ListedNode& place, const std::vector<std::string>& ips,
                       const OnVisited& on_visited) {
  const auto known = cache_.identities.find(place, environment_.scheduler.now());
  if (!may_be_visited(known)) return on_visited(listing_of(known->outcome), false);
  ask(place, ips, 0, [=, this](const Identification& identification, const std::string& ip) {
    const bool was_known = known && known->outcome == Outcome::identified;
    const bool is_changed = learn_anew(place, identification, ip);
    const bool is_mute = was_known && identification.outcome == Outcome::closed;
    on_visited(is_mute ? NamesAnswer::Outcome::silent : listing_of(identification.outcome),
               is_changed);
  });
}

bool Identifier::learn_anew(const ListedNode& place, const Identification& identification,
                            const std::string& ip) {
  const Time now = environment_.scheduler.now();
  const auto before = cache_.identities.find_challenge(place, now);
  if (before && may_pass(identification.outcome)) return false;
  learn(place, identification, ip);
  return !are_of_one_node(before, cache_.identities.find_challenge(place, now));
}

void Identifier::learn(const ListedNode& place, const Identification& identification,
                       const std::string& ip) {
  cache_.identities.learn(place, identification, environment_.scheduler.now());
  if (ip != place.epmd.ip) cache_.local_ips[place] = ip;
}

void Identifier::identify_in_turn(std::vector<ListedNode> places) {
  const ListedNode place = std::move(places.back());
  places.pop_back();
  tasks_.add([this, place, rest = std::move(places)](auto done) {
    const auto learn_and_go_on = [=, this](const Identification& identification) {
      learn(place, identification, place.epmd.ip);
      if (!rest.empty()) identify_in_turn(rest);
      done();
    };
    return environment_.prober.identify({place.epmd.ip, place.port_no}, learn_and_go_on);
  });
}

bool Identifier::was_hindered(const ListedNode& place) const {
  const auto known = cache_.identities.find(place, environment_.scheduler.now());
  const bool is_busy = !known;
  return asked_.contains(place) && (is_busy || known->outcome == Identification::Outcome::closed);
}

}  // namespace discovery
