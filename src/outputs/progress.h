#pragma once

#include <map>
#include <optional>
#include <string>

#include "discovery/members.h"
#include "outputs/ledger.h"
#include "outputs/member_json.h"

/// What is kept for a process that goes on where this one has ended. Only Portolan reads it; what
/// another version has written otherwise counts as nothing.
namespace outputs {

using Sightings = std::map<std::string, discovery::Sighting>;

/// All that is known of it, unlike to_json().
Json keep(const discovery::Sighting& sighting);
Json keep(const Sightings& sightings);
Json keep(const Ledger::AllUntold& untold);

/// These throw Json::exception if it is not what keep() makes.
discovery::Sighting kept_sighting(const Json& kept);
Sightings kept_sightings(const Json& kept);
/// The same, and if one has no query that led there.
discovery::Members kept_members(const Json& kept);
Ledger::AllUntold kept_untold(const Json& kept);

Sightings sightings_of(const discovery::Members& members);
/// A ledger of all the members goes on; with null it has told nobody.
void resume(Ledger& ledger, const discovery::Members& members, const Json& progress);

}  // namespace outputs
