#include "output/peers.h"

namespace output {
namespace {

/// From OTP 26 on, nodes insist on these.
bool is_of_today(uint64_t flags) {
  constexpr uint64_t wanted = dist::flags::unlink_id | dist::flags::v4_nc;
  return (flags & wanted) == wanted;
}

}  // namespace

Peers peers_of(const discovery::LocalNode& local, const discovery::Report& report) {
  Peers peers;
  for (const auto& [name, member] : report.members) peers.emplace(name, member.seen);
  for (const discovery::LocalNode& each : report.sightings.locals)
    if ((each.flags & dist::flags::published) != 0)
      peers.insert_or_assign(each.name.to_string(), discovery::Sighting{.name = each.name,
                                                                        .node = each.node,
                                                                        .is_verified = true,
                                                                        .creation = each.creation,
                                                                        .flags = each.flags});
  peers.erase(local.name.to_string());
  return peers;
}

bool are_alike(const discovery::LocalNode& local, const discovery::Sighting& peer) {
  return peer.is_verified && peer.name.is_long() == local.name.is_long() &&
         is_of_today(peer.flags) == is_of_today(local.flags);
}

}  // namespace output
