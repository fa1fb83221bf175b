#include "push/peers.h"

namespace push {

namespace {

/// Of a neighbour nobody needs it, but whether it has one.
discovery::Endpoint epmd_of(const discovery::LocalNode& local) {
  return local.is_registered ? discovery::Endpoint{} : local.node;
}

}  // namespace

Peers peers_of(const discovery::LocalNode& local, const discovery::Report& report) {
  Peers peers;
  for (const auto& [name, member] : report.members) peers.emplace(name, member.seen);
  for (const discovery::LocalNode& each : report.sightings.locals)
    if (!dist::flags::is_hidden(each.flags) && each.held_back.empty())
      peers.insert_or_assign(each.name.to_string(), discovery::Sighting{.name = each.name,
                                                                        .node = each.node,
                                                                        .epmd = epmd_of(each),
                                                                        .is_verified = true,
                                                                        .creation = each.creation,
                                                                        .flags = each.flags});
  peers.erase(local.name.to_string());
  return peers;
}

std::set<std::string> expected_of(const discovery::LocalNode& local,
                                  const discovery::Report& report) {
  std::set<std::string> names;
  for (const auto& [name, peer] : peers_of(local, report)) {
    const auto member = report.members.find(name);
    const bool is_missing = member != report.members.end() && member->second.is_missing;
    if (are_alike(local, peer) && !is_missing) names.insert(name);
  }
  return names;
}

bool are_alike(const discovery::LocalNode& local, const discovery::Sighting& peer) {
  return peer.is_verified && peer.name.is_of_kind_of(local.name) &&
         dist::flags::are_of_one_generation(peer.flags, local.flags);
}

}  // namespace push
