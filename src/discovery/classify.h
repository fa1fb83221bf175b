#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "discovery/round_cache.h"
#include "discovery/sightings.h"

namespace discovery {

/// A place that an EPMD listed, and how it was found.
struct Found {
  ListedNode place = {};
  std::vector<std::string> queries = {};

  Endpoint node() const { return {place.epmd.ip, place.port_no}; }
};

/// Whether this way of not telling its name leaves us to guess it.
bool leaves_a_guess(Identification::Outcome outcome);

/// The names that the node at a place may have, the true one or guesses: none if there are none.
/// A guess is the alive name at each reverse name of its address, cut off at each of its dots from
/// the first on, because container names and network names may both hold dots.
std::vector<dist::NodeName> candidates(const Found& found, const RoundCache& cache, Time now);

/// A node of the cluster, one that cannot be connected to, or nobody (hidden, or not known yet).
using Classification = std::variant<std::monostate, Sighting, NonMember>;
Classification classify(const Found& found, const RoundCache& cache, Time now);

}  // namespace discovery
