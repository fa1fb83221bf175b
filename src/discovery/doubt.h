#pragma once

#include <string>

#include "discovery/round_cache.h"

namespace discovery {

/// Two containers that have one host name are in the DNS before their nodes are there. Returns an
/// address to which the node's host part leads besides its own, and where another may be about to
/// claim its name: the node is not to be told to anybody yet. Empty if there is none, or after
/// doubt_max, for one node may have two addresses, at one of which nobody listens.
std::string doubted_address(const ListedNode& place, const dist::NodeName& name,
                            const Sightings& sightings, RoundCache& cache, Time now);

}  // namespace discovery
