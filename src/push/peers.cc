#include "push/peers.h"

namespace push {

Peers peers_of(const discovery::LocalNode& local, const discovery::Report& report) {
  Peers peers;
  for (const auto& [name, member] : report.members) peers.emplace(name, member.seen);
  for (const discovery::LocalNode& each : report.sightings.locals)
    if (!dist::flags::is_hidden(each.flags) && each.held_back.empty())
      peers.insert_or_assign(each.name.to_string(), discovery::Sighting{.name = each.name,
                                                                        .node = each.node,
                                                                        .is_verified = true,
                                                                        .creation = each.creation,
                                                                        .flags = each.flags});
  peers.erase(local.name.to_string());
  return peers;
}

bool are_alike(const discovery::LocalNode& local, const discovery::Sighting& peer) {
  return peer.is_verified && peer.name.is_of_kind_of(local.name) &&
         dist::flags::is_of_today(peer.flags) == dist::flags::is_of_today(local.flags);
}

}  // namespace push
