#pragma once

#include <string>
#include <vector>

#include "discovery/host_cache.h"
#include "discovery/members.h"

namespace discovery {

/// What a round knows of how other hosts see this one. What is referred to outlives it.
struct OutsideView {
  const HostCache& hosts;
  const std::vector<std::string>& own_ips;
  /// The nodes of other hosts that can be connected to from here.
  const std::vector<Sighting>& seen;
  /// Nodes found elsewhere under the name of a local node; perhaps the local node itself, at an
  /// address of its host that is translated.
  const std::vector<Sighting>& namesakes;
  /// There are members elsewhere, whether or not this round sees them.
  bool has_members = false;
};

/// Why nodes of other hosts cannot reach this one by its name, with what to do; empty if they can.
///
/// This host's own hosts file nearly always has its own name, and other hosts do not see that file.
/// So the DNS must lead the host part to an address of this host. Only where the DNS knows none of
/// the other hosts either, names come from hosts files that all share, and then ours counts.
/// A host part that is an address needs no DNS.
std::string why_not_reachable(const LocalNode& local, const OutsideView& view);

}  // namespace discovery
