#include "discovery/local_nodes.h"

#include <algorithm>

#include "discovery/claims.h"
#include "discovery/doubt.h"
#include "discovery/own_name.h"

namespace discovery {

LocalNodes::LocalNodes(const LocalHost& host, RoundCache& cache)
    : cache_(cache), ips_(host.addresses()) {
  epmd_.port_no = host.epmd_port_no();
  if (!ips_.empty()) epmd_.ip = ips_.front();
  for (const LocalName& local : host.names())
    places_.insert({epmd_, local.alive_name, local.port_no, local.creation});
  for (const uint16_t port_no : host.unregistered_port_nos()) add_unregistered(port_no);
}

bool LocalNodes::is_here(const std::string& ip) const {
  return !ips_.empty() &&
         (base::is_unspecified(ip) || std::find(ips_.begin(), ips_.end(), ip) != ips_.end());
}

bool LocalNodes::is_own_epmd(const Endpoint& endpoint) const {
  return endpoint.port_no == epmd_.port_no && is_here(endpoint.ip);
}

std::optional<ListedNode> LocalNodes::add_unregistered(uint16_t port_no) {
  const bool is_known = std::any_of(places_.begin(), places_.end(), [&](const ListedNode& place) {
    return place.port_no == port_no;
  });
  const auto unregistered = std::count_if(
      places_.begin(), places_.end(), [](const ListedNode& place) { return !place.has_epmd(); });
  if (is_known || static_cast<size_t>(unregistered) >= unregistered_max) return std::nullopt;
  return *places_.insert({epmd_, {}, port_no}).first;
}

std::set<std::string> LocalNodes::host_parts_due(const NameFilter& filter, Time now) const {
  std::set<std::string> due;
  for (const ListedNode& place : places_) {
    const auto challenge = cache_.identities.find_challenge(place, now);
    const auto name = challenge ? dist::parse_node_name(challenge->node_name) : std::nullopt;
    if (!name || !filter.counts(name->alive_name)) continue;
    const std::set<std::string> ips = cache_.hosts.ips_of(name->host_part);
    const bool is_watched = !ips.empty() && cache_.held_back.contains(place);
    const std::string ip = ips.empty() ? std::string() : *ips.begin();
    if (!is_watched && cache_.hosts.is_due(name->host_part, ip, now)) due.insert(name->host_part);
  }
  return due;
}

void LocalNodes::judge(Sightings& sightings, Time now) {
  LocalKind kind;
  for (const ListedNode& place : places_) {
    const auto challenge = cache_.identities.find_challenge(place, now);
    const auto name = challenge ? dist::parse_node_name(challenge->node_name) : std::nullopt;
    if (!name || !place.can_be(*name)) continue;
    kind.add(*name);
    named_[name->to_string()] = place;
    if (!sightings.filter.counts(name->alive_name)) continue;  // command-line helpers
    const auto elsewhere = cache_.local_ips.find(place);
    const bool is_at_loopback = elsewhere == cache_.local_ips.end();
    const std::string& ip = is_at_loopback ? epmd_.ip : elsewhere->second;
    sightings.locals.push_back({*name, {ip, place.port_no}, challenge->creation, challenge->flags});
    sightings.locals.back().is_registered = place.has_epmd();
    if (place.has_epmd()) sightings.locals.back().epmd_port_no = epmd_.port_no;
    sightings.locals.back().registration = place.creation;
  }
  if (kind.is_known()) cache_.kind = kind;
}

bool LocalNodes::take_namesake(const Sighting& seen) {
  const bool is_namesake = named_.contains(seen.name.to_string());
  if (is_namesake) namesakes_.push_back(seen);
  return is_namesake;
}

/// Where there are members and this round sees none, as when the DNS fails, nothing new is known.
std::string LocalNodes::judge_name(const LocalNode& local, const OutsideView& view) {
  const ListedNode& place = named_.at(local.name.to_string());
  const auto known = cache_.verdicts.find(place);
  const bool sees_nobody = view.seen.empty() && view.has_members;
  if (sees_nobody && known != cache_.verdicts.end()) return known->second;
  std::string why = why_not_reachable(local, view);
  if (!view.seen.empty()) cache_.verdicts[place] = why;
  return why;
}

void LocalNodes::hold_back(Sightings& sightings, Time now) {
  const OutsideView view = {cache_.hosts, ips_, sightings.seen, namesakes_, cache_.has_members};
  for (LocalNode& local : sightings.locals) local.held_back = judge_name(local, view);
  hold_back_doubtful(sightings, now);
  const auto rivals = hold_back_claimed(sightings.locals, namesakes_, outside_ip());
  sightings.non_members.insert(sightings.non_members.end(), rivals.begin(), rivals.end());
  cache_.held_back.clear();
  for (const LocalNode& local : sightings.locals)
    if (!local.held_back.empty()) cache_.held_back.insert(named_.at(local.name.to_string()));
}

std::string LocalNodes::outside_ip() const {
  const auto outside = std::find_if_not(ips_.begin(), ips_.end(), base::is_loopback);
  return outside == ips_.end() ? epmd_.ip : *outside;
}

void LocalNodes::hold_back_doubtful(Sightings& sightings, Time now) {
  for (LocalNode& local : sightings.locals) {
    if (!local.held_back.empty()) continue;
    const std::string ip =
        doubted_address(named_.at(local.name.to_string()), local.name, sightings, cache_, now);
    local.is_doubted = !ip.empty();
    if (local.is_doubted)
      local.held_back = "its host part '" + local.name.host_part + "' leads to " + ip +
                        " too, where no node has told its name yet; if that does not pass, give "
                        "each container a host name of its own";
  }
}

}  // namespace discovery
