#include "discovery/doubt.h"

#include <algorithm>

#include "discovery/classify.h"
#include "discovery/round.h"

namespace discovery {
namespace {

bool has_told_nothing(const ListedNode& place, const RoundCache& cache, Time now) {
  const auto known = cache.identities.find(place, now);
  return !known ||
         (known->outcome != Identification::Outcome::identified && !leaves_a_guess(known->outcome));
}

bool is_unheard(const Endpoint& epmd, const std::string& alive_name, const Sightings& sightings,
                const RoundCache& cache, Time now) {
  const auto outcome = sightings.epmds.at(epmd);
  if (outcome == NamesAnswer::Outcome::refused) return true;
  if (outcome != NamesAnswer::Outcome::listed) return false;
  const auto first = sightings.listed.lower_bound(ListedNode{epmd, {}, 0, 0});
  bool is_empty = true;
  for (auto each = first; each != sightings.listed.end() && each->epmd == epmd; ++each) {
    if (each->alive_name == alive_name) return has_told_nothing(*each, cache, now);
    is_empty = false;
  }
  return is_empty;
}

/// Of the family over which the node was found; a node of this host is found at loopback, and its
/// name may have IPv6 addresses alone.
bool is_over_ipv6(const std::string& ip, const std::set<std::string>& ips) {
  const bool is_of_ipv6 = base::is_ipv6(ip);
  const bool has_such = std::any_of(ips.begin(), ips.end(), [&](const std::string& each) {
    return base::is_ipv6(each) == is_of_ipv6;
  });
  return has_such ? is_of_ipv6 : !is_of_ipv6;
}

/// Of those asked in this round.
std::string unheard_address(const std::string& ip, const dist::NodeName& name,
                            const Sightings& sightings, const RoundCache& cache, Time now) {
  const std::set<std::string> ips = cache.hosts.ips_of(name.host_part);
  if (ips.size() < 2) return {};
  const bool is_of_ipv6 = is_over_ipv6(ip, ips);
  for (const auto& [epmd, outcome] : sightings.epmds)
    if (epmd.ip != ip && base::is_ipv6(epmd.ip) == is_of_ipv6 && ips.contains(epmd.ip) &&
        is_unheard(epmd, name.alive_name, sightings, cache, now))
      return epmd.ip;
  return {};
}

}  // namespace

std::string doubted_address(const ListedNode& place, const dist::NodeName& name,
                            const Sightings& sightings, RoundCache& cache, Time now) {
  std::string ip = unheard_address(place.epmd.ip, name, sightings, cache, now);
  if (ip.empty()) return {};
  const Time since = cache.doubted.emplace(place, now).first->second;
  return now < since + doubt_max ? ip : std::string();
}

}  // namespace discovery
