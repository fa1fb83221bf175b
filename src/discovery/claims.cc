#include "discovery/claims.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/host_port.h"

namespace discovery {
namespace {

/// So many places are named in a reason.
constexpr size_t places_shown_max = 4;

std::string list(const std::set<Endpoint>& places) {
  std::string text;
  size_t shown = 0;
  for (const Endpoint& place : places) {
    if (shown == places_shown_max) break;
    text += (shown++ == 0 ? "" : " and ") + base::join_host_port(place.ip, place.port_no);
  }
  const size_t left = places.size() - shown;
  return left == 0 ? text : text + " and " + std::to_string(left) + " more";
}

std::string why_claimed(const std::set<Endpoint>& places) {
  return "several nodes have this name, at " + list(places) +
         ", and the others cannot tell them apart; give each container a host name of its own (in "
         "Compose, hostname: does not go with replicas:)";
}

NonMember non_member_of(const Sighting& seen, std::string why) {
  return {seen.name.to_string(), seen.node, seen.queries.front(), std::move(why)};
}

using ByName = std::map<std::string, std::vector<const Sighting*>>;

/// By name, where each claimant is; only the names that more than one node claims.
std::map<std::string, std::set<Endpoint>> contested_names(const std::vector<Sighting>& seen) {
  ByName claims;
  for (const Sighting& each : seen)
    if (each.is_verified) claims[each.name.to_string()].push_back(&each);
  std::map<std::string, std::set<Endpoint>> contested;
  for (const auto& [name, claimants] : claims) {
    const auto is_first = [&first = *claimants.front()](const Sighting* other) {
      return are_one_node(first, *other);
    };
    if (std::all_of(claimants.begin(), claimants.end(), is_first)) continue;
    for (const Sighting* each : claimants) contested[name].insert(each->node);
  }
  return contested;
}

}  // namespace

bool are_one_node(const Sighting& one, const Sighting& other) {
  return one.node.port_no == other.node.port_no && one.creation == other.creation;
}

std::vector<NonMember> take_out_rivals(std::vector<Sighting>& seen) {
  std::vector<NonMember> non_members;
  const auto contested = contested_names(seen);
  std::erase_if(seen, [&](const Sighting& each) {
    const auto found = contested.find(each.name.to_string());
    if (found == contested.end()) return false;
    non_members.push_back(non_member_of(each, why_claimed(found->second)));
    return true;
  });
  return non_members;
}

std::vector<NonMember> hold_back_claimed(std::vector<LocalNode>& locals,
                                         const std::vector<Sighting>& namesakes,
                                         const std::string& own_ip) {
  std::vector<NonMember> non_members;
  for (LocalNode& local : locals) {
    const Sighting own = {
        .name = local.name, .node = {own_ip, local.node.port_no}, .creation = local.creation};
    std::vector<const Sighting*> rivals;
    for (const Sighting& each : namesakes)
      if (each.is_verified && each.name == local.name && !are_one_node(own, each))
        rivals.push_back(&each);
    if (rivals.empty()) continue;
    std::set<Endpoint> places = {own.node};
    for (const Sighting* rival : rivals) places.insert(rival->node);
    local.held_back = why_claimed(places);
    local.is_doubted = false;
    for (const Sighting* rival : rivals)
      non_members.push_back(non_member_of(*rival, local.held_back));
  }
  return non_members;
}

}  // namespace discovery
