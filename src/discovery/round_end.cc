// What a round makes of all that it has found out.

#include <algorithm>
#include <utility>

#include "discovery/claims.h"
#include "discovery/own_name.h"
#include "discovery/round.h"

namespace discovery {

void Round::judge_all() {
  order_what_was_found();
  judge_locals();
  const std::set<Named> named = named_by_ipv4();
  for (const Found& found : found_) {
    const bool is_ipv6 = found.place.epmd.ip.find(':') != std::string::npos;
    const bool is_elsewhere =
        is_ipv6 && !is_identified(found.place) && named.contains(name_of(found.place));
    if (!is_elsewhere) take(found, classify(found, cache_, now()));
  }
  std::vector<NonMember> rivals = take_out_rivals(sightings_.seen);
  sightings_.non_members.insert(sightings_.non_members.end(), rivals.begin(), rivals.end());
  hold_back_locals();
  drop_non_members_that_were_seen();
  forget_what_is_gone();
}

/// EPMD listens on both families of addresses and most nodes on IPv4 only, so that a host with
/// both seems to list nodes where they are not.
std::set<Round::Named> Round::named_by_ipv4() const {
  std::set<Named> named;
  for (const Found& found : found_)
    if (found.place.epmd.ip.find(':') == std::string::npos && is_identified(found.place))
      named.insert(name_of(found.place));
  return named;
}

bool Round::is_identified(const ListedNode& place) const {
  const auto known = cache_.identities.find(place, now());
  return known && known->outcome == Identification::Outcome::identified;
}

/// A node with two addresses was found at the one that its name does not lead to, too.
void Round::drop_non_members_that_were_seen() {
  std::set<std::pair<std::string, uint32_t>> seen;
  for (const Sighting& each : sightings_.seen) seen.emplace(each.name.to_string(), each.creation);
  std::erase_if(sightings_.non_members, [&seen](const NonMember& non_member) {
    return non_member.creation != 0 && seen.contains({non_member.name, non_member.creation});
  });
}

void Round::judge_locals() {
  LocalKind kind;
  for (const ListedNode& place : locals_) {
    const auto known = cache_.identities.find(place, now());
    if (!known || known->outcome != Identification::Outcome::identified) continue;
    const auto name = dist::parse_node_name(known->challenge.node_name);
    if (!name || name->alive_name != place.alive_name) continue;
    kind.add(*name);
    local_names_.insert(name->to_string());
    const auto elsewhere = cache_.local_ips.find(place);
    const bool is_at_loopback = elsewhere == cache_.local_ips.end();
    const std::string& ip = is_at_loopback ? own_epmd_.ip : elsewhere->second;
    if (!scope_.filter.counts(place.alive_name)) continue;  // command-line helpers
    sightings_.locals.push_back(
        {*name, {ip, place.port_no}, known->challenge.creation, known->challenge.flags});
    sightings_.locals.back().epmd_port_no = own_epmd_.port_no;
  }
  if (kind.is_known()) cache_.kind = kind;
}

void Round::take(const Found& found, Classification classification) {
  if (const auto* const non_member = std::get_if<NonMember>(&classification)) {
    // A node that could be connected to a moment ago: perhaps another one has taken its place.
    if (!non_member->is_uncertain && cache_.connectable.erase(found.place) > 0)
      cache_.identities.forget(found.place);
    sightings_.non_members.push_back(*non_member);
  } else if (const auto* const sighting = std::get_if<Sighting>(&classification)) {
    if (local_names_.contains(sighting->name.to_string())) {
      namesakes_.push_back(*sighting);
      return;
    }
    if (is_doubtful(found.place, sighting->name)) return;
    cache_.connectable.insert(found.place);
    if (sightings_.seen.size() < members_max)
      sightings_.seen.push_back(*sighting);
    else
      ++sightings_.dropped;
  }
}

void Round::hold_back_locals() {
  const auto is_outside = [](const std::string& ip) { return !is_loopback(ip); };
  const auto outside = std::find_if(own_ips_.begin(), own_ips_.end(), is_outside);
  const OutsideView view = {cache_.hosts, own_ips_, sightings_.seen, namesakes_};
  for (LocalNode& local : sightings_.locals) local.held_back = why_not_reachable(local, view);
  hold_back_doubtful();
  std::vector<NonMember> rivals = hold_back_claimed(
      sightings_.locals, namesakes_, outside == own_ips_.end() ? own_epmd_.ip : *outside);
  sightings_.non_members.insert(sightings_.non_members.end(), rivals.begin(), rivals.end());
  cache_.held_back.clear();
  for (const LocalNode& local : sightings_.locals)
    if (!local.held_back.empty()) cache_.held_back.insert(place_of(local));
}

/// Two containers that have one host name are in the DNS before their nodes are there. What looks
/// so is not told to anybody for some seconds, unless it was known already.
void Round::hold_back_doubtful() {
  for (LocalNode& local : sightings_.locals) {
    const std::string ip = unheard_address(own_epmd_.ip, local.name);
    if (ip.empty() || !local.held_back.empty()) continue;
    local.is_doubted = is_in_doubt(place_of(local));
    if (local.is_doubted)
      local.held_back = "its host part '" + local.name.host_part + "' leads to " + ip +
                        " too, where no node has told its name yet; if that does not pass, give "
                        "each container a host name of its own";
  }
}

bool Round::is_doubtful(const ListedNode& place, const dist::NodeName& name) {
  if (cache_.connectable.contains(place)) return false;
  return !unheard_address(place.epmd.ip, name).empty() && is_in_doubt(place);
}

/// Not for ever: one node may have two addresses, at one of which nobody listens.
bool Round::is_in_doubt(const ListedNode& place) {
  const Time since = cache_.doubted.emplace(place, now()).first->second;
  return now() < since + doubt_max;
}

/// An address behind the queries that the host part leads to besides `ip`, and where the same name
/// may be about to be claimed; empty if there is none.
std::string Round::unheard_address(const std::string& ip, const dist::NodeName& name) const {
  const auto is_ipv6 = [](const std::string& each) { return each.find(':') != std::string::npos; };
  const std::set<std::string> ips = cache_.hosts.ips_of(name.host_part);
  if (ips.size() < 2) return {};
  for (const auto& [epmd, queries] : queries_of_)
    if (epmd.ip != ip && is_ipv6(epmd.ip) == is_ipv6(*ips.begin()) && ips.contains(epmd.ip) &&
        is_unheard(epmd, name.alive_name))
      return epmd.ip;
  return {};
}

bool Round::is_unheard(const Endpoint& epmd, const std::string& alive_name) const {
  const auto outcome = sightings_.epmds.find(epmd);
  if (outcome == sightings_.epmds.end()) return false;
  if (outcome->second == NamesAnswer::Outcome::refused) return true;
  if (outcome->second != NamesAnswer::Outcome::listed) return false;
  const auto first = sightings_.listed.lower_bound(ListedNode{epmd, {}, 0, 0});
  bool is_empty = true;
  for (auto each = first; each != sightings_.listed.end() && each->epmd == epmd; ++each) {
    is_empty = false;
    if (each->alive_name != alive_name) continue;
    const auto known = cache_.identities.find(*each, now());
    return !known || (known->outcome != Identification::Outcome::identified &&
                      !leaves_a_guess(known->outcome));
  }
  return is_empty;
}

ListedNode Round::place_of(const LocalNode& local) const {
  for (const ListedNode& place : locals_)
    if (place.alive_name == local.name.alive_name && place.port_no == local.node.port_no)
      return place;
  return {};
}

/// What no EPMD lists any more. If a query failed, or an EPMD was silent, it may still be listed.
void Round::forget_what_is_gone() {
  const auto may_be_listed = [&](const ListedNode& place) {
    const auto asked = sightings_.epmds.find(place.epmd);
    return asked == sightings_.epmds.end() ? is_any_query_failed()
                                           : asked->second == NamesAnswer::Outcome::silent;
  };
  std::set<ListedNode> listed = sightings_.listed;
  listed.insert(locals_.begin(), locals_.end());
  cache_.identities.keep(listed, may_be_listed, now());
  std::erase_if(cache_.connectable,
                [&](const ListedNode& place) { return !cache_.identities.contains(place); });
  std::erase_if(cache_.doubted,
                [&](const auto& entry) { return !cache_.identities.contains(entry.first); });
  std::erase_if(cache_.local_ips,
                [&](const auto& entry) { return !cache_.identities.contains(entry.first); });
  cache_.hosts.forget_unused(now());
  std::erase_if(cache_.reversed, [&](const auto& entry) {
    return entry.second.learned + IdentityCache::absence_retention <= now();
  });
  remember_who_is_mute();
}

/// Every other time, so that all the time there is is given again.
void Round::remember_who_is_mute() {
  std::set<Endpoint> mute;
  for (const auto& [epmd, outcome] : sightings_.epmds)
    if (outcome == NamesAnswer::Outcome::silent && !cache_.mute.contains(epmd)) mute.insert(epmd);
  cache_.mute = std::move(mute);
}

bool Round::is_any_query_failed() const {
  return std::any_of(sightings_.queries.begin(), sightings_.queries.end(),
                     [](const auto& query) { return !query.second.is_answer(); });
}

}  // namespace discovery
