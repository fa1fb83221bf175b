#include "discovery/reconcile.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

namespace discovery {
namespace {

/// A name that was seen has a creation only if it was verified: a guess is any node of that name.
bool is_same_node(const Sighting& before, const Sighting& now) {
  return !before.is_verified || !now.is_verified || before.creation == now.creation;
}

/// Of several sightings of a name the best counts: rather one that is verified, rather of the node
/// we know, rather where we know it, so that it is the same in every round.
auto rank(const Members& before, const std::string& name, const Sighting& sighting) {
  const auto known = before.find(name);
  const bool is_known = known != before.end();
  return std::tuple(sighting.is_verified, is_known && is_same_node(known->second.seen, sighting),
                    is_known && known->second.seen.node == sighting.node);
}

/// One sighting a name, with the queries of all.
std::map<std::string, Sighting> pick(const Members& before, const std::vector<Sighting>& seen) {
  std::map<std::string, Sighting> picked;
  for (const Sighting& sighting : seen) {
    const std::string name = sighting.name.to_string();
    const auto [place, is_first] = picked.emplace(name, sighting);
    if (is_first) continue;
    Sighting& best = place->second;
    std::vector<std::string> queries = best.queries;
    for (const std::string& query : sighting.queries)
      if (std::find(queries.begin(), queries.end(), query) == queries.end())
        queries.push_back(query);
    if (rank(before, name, sighting) > rank(before, name, best)) best = sighting;
    best.queries = std::move(queries);
  }
  return picked;
}

constexpr const char* not_wanted = "it is not looked for any more";

/// Why a member that was not seen is missing.
struct Absence {
  bool is_certain = false;
  std::string reason = {};
};

/// The queries that led there may have been taken back since.
std::string explain_loss(const Sighting& member, const Sightings& sightings) {
  const auto is_made = [&](const std::string& query) { return sightings.queries.contains(query); };
  const auto made = std::find_if(member.queries.begin(), member.queries.end(), is_made);
  return made == member.queries.end() ? not_wanted : "its address is no longer behind " + *made;
}

/// Its EPMD lists it, and yet it was not seen as a node to connect to.
std::optional<Absence> explain_non_member(const Sighting& member, const Sightings& sightings) {
  const auto is_it = [&](const auto& other) { return other.node == member.node; };
  const auto other = std::find_if(sightings.seen.begin(), sightings.seen.end(), is_it);
  if (other != sightings.seen.end())
    return Absence{other->is_verified, "the node there calls itself " + other->name.to_string()};
  const auto non_member =
      std::find_if(sightings.non_members.begin(), sightings.non_members.end(), is_it);
  if (non_member == sightings.non_members.end()) return Absence{false, "it does not answer"};
  if (non_member->is_uncertain) return std::nullopt;
  return Absence{false, non_member->why};
}

/// What it was not before the options changed.
bool is_outside_peers(const Sighting& member, const Sightings& sightings) {
  return std::any_of(sightings.non_members.begin(), sightings.non_members.end(),
                     [&](const NonMember& non_member) {
                       return non_member.node == member.epmd && non_member.why == outside_peers;
                     });
}

/// The port of a node is closed by its end, but an EPMD may end without its nodes.
Absence explain_silence(bool has_epmd, NamesAnswer::Outcome outcome) {
  if (outcome == NamesAnswer::Outcome::refused)
    return has_epmd ? Absence{false, "its EPMD is gone"}
                    : Absence{true, "nobody listens at its port any more"};
  return {false, has_epmd ? "its EPMD does not answer" : "it does not answer"};
}

/// Nothing: nobody could have seen it.
std::optional<Absence> explain_absence(const Sighting& member, const Sightings& sightings) {
  // What it was before the options changed. That it was not seen says nothing of where it is.
  if (!sightings.filter.counts(member.name.alive_name)) return Absence{true, not_wanted};
  if (is_outside_peers(member, sightings)) return Absence{true, outside_peers};
  const auto asked = sightings.epmds.find(member.epmd);
  if (asked == sightings.epmds.end()) {
    if (!sightings.are_sure_of(member.epmd.ip, member.queries)) return std::nullopt;
    return Absence{false, explain_loss(member, sightings)};
  }
  if (asked->second != NamesAnswer::Outcome::listed)
    return explain_silence(member.has_epmd(), asked->second);
  if (!sightings.listed.contains(place_of(member)))
    return sightings.unreadable.contains(member.epmd)
               ? Absence{false, "its EPMD no longer lists it, as far as its list can be read"}
               : Absence{true, "its EPMD no longer lists it"};
  return explain_non_member(member, sightings);
}

class Reconciliation {
 public:
  Reconciliation(Aging aging, unsigned missing_max) : aging_(aging), missing_max_(missing_max) {}

  void meet(const std::string& name, const Sighting& now) {
    result_.changes.push_back({Change::Kind::joined, now, {}});
    result_.members.emplace(name, Member{now});
  }

  void meet_again(const std::string& name, const Member& before, const Sighting& now) {
    if (!is_same_node(before.seen, now)) {
      leave(before, "it was started anew");
      meet(name, now);
    } else {
      // Once told, a name is not a guess again only because its node is now too busy to tell it.
      const bool is_worse = before.seen.is_verified && !now.is_verified &&
                            before.seen.node == now.node && before.seen.epmd == now.epmd;
      result_.members.emplace(name, Member{is_worse ? before.seen : now});
    }
  }

  void miss(const std::string& name, const Member& before, const std::optional<Absence>& absence) {
    Member after = before;
    after.is_missing = absence.has_value();
    if (absence && aging_ == Aging::counts) ++after.rounds_missing;
    if (absence && (absence->is_certain || after.rounds_missing >= missing_max_))
      leave(before, absence->reason);
    else
      result_.members.emplace(name, std::move(after));
  }

  Reconciled take() { return std::move(result_); }

 private:
  void leave(const Member& before, const std::string& reason) {
    result_.changes.push_back({Change::Kind::left, before.seen, reason});
  }

  Aging aging_;
  unsigned missing_max_;
  Reconciled result_ = {};
};

}  // namespace

Reconciled reconcile(const Members& before, const Sightings& sightings, Aging aging,
                     unsigned missing_max) {
  Reconciliation reconciliation(aging, missing_max);
  std::map<std::string, Sighting> seen = pick(before, sightings.seen);
  for (const auto& [name, member] : before) {
    const auto found = seen.find(name);
    if (found == seen.end())
      reconciliation.miss(name, member, explain_absence(member.seen, sightings));
    else
      reconciliation.meet_again(name, member, found->second);
    if (found != seen.end()) seen.erase(found);
  }
  for (const auto& [name, sighting] : seen) reconciliation.meet(name, sighting);
  return reconciliation.take();
}

}  // namespace discovery
