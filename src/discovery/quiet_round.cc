// What keeps the cost of a quiet round from growing with the cluster: few EPMDs are asked, and
// where all is as before nothing is judged anew.

#include <algorithm>
#include <utility>

#include "discovery/round.h"

namespace discovery {
namespace {

/// In a quiet round. Where there are more, each has its turn after some rounds.
constexpr size_t host_parts_in_turn = 100;

/// All but the addresses, which lead_to_the_same() compares.
bool says_the_same(const std::map<std::string, Resolution>& one,
                   const std::map<std::string, Resolution>& other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](const auto& a, const auto& b) {
                      return a.first == b.first && a.second.outcome == b.second.outcome &&
                             a.second.unusable == b.second.unusable;
                    });
}

/// Places and their queries, whether or not they are asked.
bool lead_to_the_same(const FoundPlaces& one, const FoundPlaces& other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](const auto& a, const auto& b) {
                      return a.first == b.first && a.second.queries == b.second.queries;
                    });
}

}  // namespace

void Round::choose_in_turn() {
  plan_.besides.merge(std::exchange(cache_.not_trusted, {}));
  const std::vector<Endpoint> next = cache_.answers.next(plan_.in_turn);
  plan_.besides.insert(next.begin(), next.end());
}

bool Round::is_to_be_asked(const Endpoint& epmd) const {
  if (plan_.besides.contains(epmd) || !cache_.answers.contains(epmd)) return true;
  return plan_.asks_all && !plan_.tellers.contains(epmd);
}

void Round::ask_or_visit(const Endpoint& place) {
  if (sightings_.nodes_without_epmd.contains(place))
    visit(place);
  else
    ask(place, plan_.tells_news);
}

bool Round::is_trusted(const Endpoint& epmd) const {
  const auto found = places_.find(epmd);
  return found != places_.end() && found->second.is_trusted;
}

/// Only where nothing has changed: else look_up_host_parts() does.
void Round::look_up_some_host_parts() {
  are_places_as_before_ = lead_to_the_same(places_, cache_.before.places);
  if (!is_as_before()) return;
  for (const std::string& host_part : cache_.hosts.good_ones_due(now(), host_parts_in_turn))
    resolve({Query::Kind::host, host_part, 0, host_part}, [=, this](const Resolution& resolution) {
      const std::set<std::string> ips = cache_.hosts.ips_of(host_part);
      if (cache_.hosts.learn(host_part, ips, resolution, locals_.ips(), now())) is_changed_ = true;
    });
}

/// An EPMD that is not asked is trusted: what it answered last counts again.
void Round::take_trusted() {
  if (std::exchange(are_trusted_taken_, true)) return;
  if (is_as_before()) {
    phases_over_ = phases_max;
    return;
  }
  for (const auto& [epmd, found] : places_)
    if (found.is_trusted) on_names(epmd, *cache_.answers.find(epmd));
}

/// Nobody joins by what an EPMD answered some time ago: the node may have ended since.
bool Round::is_to_be_asked_first(const ListedNode& place) {
  if (cache_.connectable.contains(place) || !is_trusted(place.epmd)) return false;
  cache_.not_trusted.insert(place.epmd);
  return true;
}

/// By each name, the last of the nodes that told it.
Round::Claims Round::claims() const {
  Claims claims;
  for (const Found& found : found_)
    if (const auto told = cache_.identities.find_challenge(found.place, now()))
      claims[told->node_name] = {found.place.port_no, told->creation};
  return claims;
}

/// Whether a node with another port or creation has told the name of the one at this place.
bool Round::has_rival(const ListedNode& place, const Claims& claims) const {
  const auto told = cache_.identities.find_challenge(place, now());
  const auto claim = told ? claims.find(told->node_name) : claims.end();
  return claim != claims.end() && claim->second != std::pair(place.port_no, told->creation);
}

/// The EPMDs that were not asked, and list a node with a rival.
std::vector<Endpoint> Round::trusted_rivals() const {
  std::vector<Endpoint> rivals;
  const Claims told = claims();
  for (const auto& [epmd, found] : places_) {
    if (!found.is_trusted) continue;
    std::vector<ListedNode> places = listed_by(epmd, *cache_.answers.find(epmd));
    if (std::any_of(places.begin(), places.end(),
                    [&](const ListedNode& place) { return has_rival(place, told); }))
      rivals.push_back(epmd);
  }
  return rivals;
}

/// Whose a name is cannot be told from what an EPMD answered some time ago: its node may have been
/// started anew, or still be there beside another that has its name too.
void Round::ask_trusted_rivals() {
  if (is_as_before()) return;
  for (const Endpoint& epmd : trusted_rivals()) {
    places_.at(epmd).is_trusted = false;
    ask_or_visit(epmd);
  }
}

/// Whether the same would be found again.
bool Round::is_as_before() const {
  const RoundBefore& before = cache_.before;
  return before.sightings && before.will_stay && !is_changed_ && !plan_.has_missing &&
         !identifier_.has_asked() && !is_any_query_failed() && sightings_.non_members.empty() &&
         sightings_.dropped == 0 && are_places_as_before_ &&
         says_the_same(sightings_.queries, before.sightings->queries) &&
         locals_.places() == before.local_places && locals_.ips() == before.local_ips;
}

/// Whether nothing that was found depends on how much time has passed.
bool Round::will_stay() const {
  const auto is_silent = [](const auto& epmd) {
    return epmd.second == NamesAnswer::Outcome::silent;
  };
  const auto is_known = [this](const Found& found) {
    return cache_.identities.find_challenge(found.place, now()).has_value();
  };
  return sightings_.unanswered.empty() && sightings_.dropped == 0 && !is_any_query_failed() &&
         sightings_.non_members.empty() && std::all_of(found_.begin(), found_.end(), is_known) &&
         cache_.not_trusted.empty() && cache_.doubted.empty() && cache_.held_back.empty() &&
         cache_.reversed.empty() && cache_.swarm_tasks.size() == 0 &&
         std::none_of(sightings_.epmds.begin(), sightings_.epmds.end(), is_silent);
}

void Round::remember() {
  for (const Sighting& sighting : sightings_.seen)
    if (!sighting.is_verified) cache_.not_trusted.insert(sighting.epmd);
  const bool stays = will_stay();
  cache_.answers.keep([this](const Endpoint& epmd) { return places_.contains(epmd); });
  cache_.before.places = stays ? std::move(places_) : FoundPlaces{};
  cache_.before.local_places = locals_.places();
  cache_.before.local_ips = locals_.ips();
  cache_.before.sightings = std::make_shared<const Sightings>(std::move(sightings_));
  cache_.before.will_stay = stays;
}

}  // namespace discovery
