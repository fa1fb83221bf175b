// What a round makes of all that it has found out.

#include <algorithm>
#include <utility>

#include "discovery/claims.h"
#include "discovery/doubt.h"
#include "discovery/round.h"

namespace discovery {

void Round::judge_all() {
  order_what_was_found();
  locals_.judge(sightings_, now());
  const std::set<Named> named = named_by_ipv4();
  const auto hosts_of = hosts_named_by_ipv6();
  for (const Found& found : found_) {
    const bool is_of_ipv6 = base::is_ipv6(found.place.epmd.ip);
    const bool is_at_other_family = is_of_ipv6 ? named.contains(name_of(found.place))
                                               : is_over_ipv6_alone(found.place, hosts_of);
    const bool is_elsewhere = is_at_other_family && found.place.has_epmd() &&
                              !cache_.identities.find_challenge(found.place, now());
    if (!is_elsewhere) take(found, classify(found, cache_, now()));
  }
  std::vector<NonMember> rivals = take_out_rivals(sightings_.seen);
  sightings_.non_members.insert(sightings_.non_members.end(), rivals.begin(), rivals.end());
  locals_.hold_back(sightings_, now());
  drop_non_members_that_were_seen();
  forget_what_is_gone();
  remember();
}

void Round::note_unanswered() {
  std::vector<std::string>& unanswered = sightings_.unanswered;
  if (!unanswered.empty()) return;
  for (const Query& query : scope_.queries) {
    if (sightings_.queries.contains(query.text)) continue;
    unanswered.push_back(query.text);
    sightings_.queries[query.text].why = "no answer in time";
  }
  for (const auto& [epmd, found] : places_) {
    if (sightings_.epmds.contains(epmd)) continue;
    unanswered.push_back(base::join_host_port(epmd.ip, epmd.port_no));
    sightings_.epmds[epmd] = NamesAnswer::Outcome::silent;
  }
  for (const Found& found : found_)
    if (!cache_.identities.find(found.place, now()))
      unanswered.push_back(found.place.alive_name + " at " +
                           base::join_host_port(found.node().ip, found.node().port_no));
}

/// EPMD listens on both families of addresses and most nodes on IPv4 only, so that a host with
/// both seems to list nodes where they are not.
std::set<Round::Named> Round::named_by_ipv4() const {
  std::set<Named> named;
  for (const Found& found : found_)
    if (!base::is_ipv6(found.place.epmd.ip) && cache_.identities.find_challenge(found.place, now()))
      named.insert(name_of(found.place));
  return named;
}

/// The host parts of the nodes that have told their names at IPv6 addresses.
std::map<Round::Named, std::set<std::string>> Round::hosts_named_by_ipv6() const {
  std::map<Named, std::set<std::string>> hosts;
  for (const Found& found : found_) {
    if (!base::is_ipv6(found.place.epmd.ip)) continue;
    const auto challenge = cache_.identities.find_challenge(found.place, now());
    const auto name = challenge ? dist::parse_node_name(challenge->node_name) : std::nullopt;
    if (name) hosts[name_of(found.place)].insert(name->host_part);
  }
  return hosts;
}

/// Such a node is rare, so its name must lead to this address, too.
bool Round::is_over_ipv6_alone(const ListedNode& place,
                               const std::map<Named, std::set<std::string>>& hosts_of) const {
  const auto known = cache_.identities.find(place, now());
  const auto hosts = hosts_of.find(name_of(place));
  if (!known || known->outcome != Identification::Outcome::refused || hosts == hosts_of.end())
    return false;
  return std::any_of(hosts->second.begin(), hosts->second.end(), [&](const std::string& host) {
    return cache_.hosts.match(host, place.epmd.ip) == HostCache::Match::resolves_here;
  });
}

/// A node with two addresses was found at the one that its name does not lead to, too.
void Round::drop_non_members_that_were_seen() {
  std::set<std::pair<std::string, uint32_t>> seen;
  for (const Sighting& each : sightings_.seen) seen.emplace(each.name.to_string(), each.creation);
  std::erase_if(sightings_.non_members, [&seen](const NonMember& non_member) {
    return non_member.creation != 0 && seen.contains({non_member.name, non_member.creation});
  });
}

void Round::take(const Found& found, Classification classification) {
  if (const auto* const non_member = std::get_if<NonMember>(&classification)) {
    // A node that could be connected to a moment ago: perhaps another one has taken its place.
    if (!non_member->is_uncertain && cache_.connectable.erase(found.place) > 0)
      cache_.identities.forget(found.place);
    sightings_.non_members.push_back(*non_member);
  } else if (const auto* const sighting = std::get_if<Sighting>(&classification)) {
    if (!scope_.filter.counts(sighting->name.alive_name)) return;
    if (is_to_be_asked_first(found.place)) return;
    if (locals_.take_namesake(*sighting) || is_doubtful(found.place, sighting->name)) return;
    cache_.connectable.insert(found.place);
    if (sightings_.seen.size() < members_max)
      sightings_.seen.push_back(*sighting);
    else
      ++sightings_.dropped;
  }
}

/// A node that was known already is not doubted.
bool Round::is_doubtful(const ListedNode& place, const dist::NodeName& name) {
  return !cache_.connectable.contains(place) &&
         !doubted_address(place, name, sightings_, cache_, now()).empty();
}

/// What no EPMD lists any more. If a query failed, or an EPMD was silent, it may still be listed.
void Round::forget_what_is_gone() {
  const auto may_be_listed = [&](const ListedNode& place) {
    const auto asked = sightings_.epmds.find(place.epmd);
    return asked == sightings_.epmds.end() ? is_any_query_failed()
                                           : asked->second == NamesAnswer::Outcome::silent;
  };
  std::set<ListedNode> listed = sightings_.listed;
  listed.insert(locals_.places().begin(), locals_.places().end());
  cache_.identities.keep(listed, may_be_listed, now());
  std::erase_if(cache_.connectable,
                [&](const ListedNode& place) { return !cache_.identities.contains(place); });
  std::erase_if(cache_.doubted,
                [&](const auto& entry) { return !cache_.identities.contains(entry.first); });
  std::erase_if(cache_.local_ips,
                [&](const auto& entry) { return !cache_.identities.contains(entry.first); });
  std::erase_if(cache_.verdicts,
                [&](const auto& entry) { return !cache_.identities.contains(entry.first); });
  cache_.hosts.forget_unused(now());
  std::erase_if(cache_.reversed, [&](const auto& entry) {
    return entry.second.learned + IdentityCache::absence_retention <= now();
  });
  remember_who_is_mute();
}

/// Every other time that it is asked, so that all the time there is is given again.
void Round::remember_who_is_mute() {
  std::set<Endpoint> mute;
  for (const auto& [epmd, outcome] : sightings_.epmds) {
    const bool was_mute = cache_.mute.contains(epmd);
    const bool is_mute = is_trusted(epmd) ? was_mute : !was_mute;
    if (outcome == NamesAnswer::Outcome::silent && is_mute) mute.insert(epmd);
  }
  cache_.mute = std::move(mute);
}

bool Round::is_any_query_failed() const {
  return std::any_of(sightings_.queries.begin(), sightings_.queries.end(),
                     [](const auto& query) { return !query.second.is_answer(); });
}

}  // namespace discovery
