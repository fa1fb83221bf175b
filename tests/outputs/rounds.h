#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "outputs/output.h"

/// A verified node as a round sees it.
inline discovery::Sighting sighting(const std::string& name, uint32_t creation = 7,
                                    const std::string& ip = "192.0.2.1") {
  const size_t at = name.find('@');
  discovery::Sighting seen;
  seen.name = {name.substr(0, at), name.substr(at + 1)};
  seen.node = {ip, 40001};
  seen.epmd = {ip, 4369};
  seen.queries = {"web"};
  seen.is_verified = true;
  seen.creation = creation;
  return seen;
}

inline discovery::Change joined(const discovery::Sighting& member) {
  return {discovery::Change::Kind::joined, member, {}};
}

inline discovery::Change left(const discovery::Sighting& member, const std::string& reason = {}) {
  return {discovery::Change::Kind::left, member, reason};
}

/// Plays rounds to an output, as the loop does: members who come and go, then tell().
struct Rounds {
  discovery::Members members = {};
  discovery::Sightings sightings = {};
  std::vector<discovery::Change> changes = {};

  void join(const discovery::Sighting& member) {
    members[member.name.to_string()] = {member};
    changes.push_back(joined(member));
  }
  void leave(const std::string& name, const std::string& reason = "its EPMD is gone") {
    changes.push_back(left(members.at(name).seen, reason));
    members.erase(name);
  }
  void resolve(const std::string& query, discovery::Resolution::Outcome outcome,
               const std::string& why = {}) {
    sightings.queries[query].outcome = outcome;
    sightings.queries[query].why = why;
  }
  /// The end of a round.
  void tell(outputs::Output& output) {
    output.tell({members, changes, sightings, std::chrono::milliseconds(5)});
    changes.clear();
  }
};
