// What a round saw, in a few words, for tests of what follows from it.
#pragma once

#include <string>
#include <vector>

#include "discovery/reconcile.h"

using discovery::Change;
using discovery::ListedNode;
using discovery::Members;
using discovery::reconcile;
using discovery::Resolution;
using discovery::Sighting;
using discovery::Sightings;
using Epmd = discovery::NamesAnswer::Outcome;
using Texts = std::vector<std::string>;

inline Sighting sighting(const std::string& alive_name, const std::string& host,
                         uint32_t creation = 1, const Texts& queries = {"web"}) {
  Sighting seen;
  seen.name = {alive_name, host};
  seen.node = {"ip-" + host, 41000};
  seen.epmd = {"ip-" + host, 4369};
  seen.queries = queries;
  seen.is_verified = true;
  seen.creation = creation;
  return seen;
}

inline Sighting guess(Sighting seen) {
  seen.is_verified = false;
  seen.creation = 0;
  return seen;
}

/// A round in which all of `seen` were found, and nothing failed.
inline Sightings round_of(const std::vector<Sighting>& seen) {
  Sightings sightings;
  sightings.seen = seen;
  sightings.queries["web"] = {Resolution::Outcome::answered, {}};
  for (const Sighting& each : seen) {
    sightings.epmds[each.epmd] = Epmd::listed;
    sightings.listed.insert(place_of(each));
  }
  return sightings;
}

inline Texts told(const std::vector<Change>& changes) {
  Texts texts;
  for (const Change& change : changes)
    texts.push_back((change.kind == Change::Kind::joined ? "joined " : "left ") +
                    change.member.name.to_string());
  return texts;
}

inline Members members_of(const std::vector<Sighting>& seen) {
  return reconcile({}, round_of(seen)).members;
}

inline const Sighting a = sighting("app", "a");
inline const Sighting b = sighting("app", "b");
