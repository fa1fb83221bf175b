#include "discovery/identifier.h"

#include <utility>

namespace discovery {

void Identifier::identify(const ListedNode& place, const std::vector<std::string>& ips,
                          size_t index) {
  asked_.insert(place);
  tasks_.add([this, place, ips, index](auto done) {
    const Endpoint node = {ips[index], place.port_no};
    return environment_.prober.identify(node, [=, this](const Identification& identification) {
      const bool is_refused = identification.outcome == Identification::Outcome::refused;
      if (is_refused && index + 1 < ips.size())
        identify(place, ips, index + 1);
      else
        learn(place, identification, node.ip);
      done();
    });
  });
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
