#pragma once

#include <vector>

#include "discovery/sightings.h"

namespace discovery {

struct Reconciled {
  Members members = {};
  /// Who left, in the order of the names, with who came back right behind; then who is new.
  std::vector<Change> changes = {};
};

/// Silence is not absence: so many rounds in a row a member may be missing before it has left.
inline constexpr unsigned rounds_missing_max = 3;

/// Whether a round counts among them. Those in a hurry look often within a moment, which is no
/// reason to give anybody up sooner.
enum class Aging { counts, does_not_count };

/// Members before + what a round saw = members after + changes. Pure, and the only place where it
/// is decided that a node has left:
///   - its name or address is left out since the options changed: at once;
///   - its query failed, or the lookup of its host part: nothing is known, nothing changes;
///   - its own EPMD answers and no longer lists it: at once; if some lines of the list could not be
///     read, after `missing_max` rounds;
///   - the node in its place has told another name: at once;
///   - its EPMD or the node does not answer, or its address is gone: after `missing_max` rounds;
///   - it is back with another creation: it is another node, at once.
Reconciled reconcile(const Members& before, const Sightings& sightings, Aging aging = Aging::counts,
                     unsigned missing_max = rounds_missing_max);

}  // namespace discovery
