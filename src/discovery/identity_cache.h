#pragma once

#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "discovery/interfaces.h"
#include "discovery/sightings.h"

namespace discovery {

/// Remembers who answered at which place, so that each node is asked for its name once, and one
/// that refuses to tell is left in peace. A place is what an EPMD lists: another node there has
/// another port, and a place that is listed no more is forgotten.
class IdentityCache {
 public:
  /// How long a node that logs each refusal, or each thing it does not understand, is let alone.
  static constexpr Time refusal_retention = std::chrono::hours(1);
  /// What may only have come too early is asked again after this long, then twice, four times …
  static constexpr Time doubt_timeout = std::chrono::seconds(2);

  /// But never longer than this while nobody answers at all, which costs nobody anything.
  static constexpr Time silence_back_off_max = std::chrono::seconds(30);

  /// A place of which nothing was heard for so long is forgotten even if nobody could be asked;
  /// no sooner, for a failing DNS is no reason to ask a node that refuses again.
  static constexpr Time absence_retention = refusal_retention;

  /// What is known; nothing if the place is to be asked now.
  std::optional<Identification> find(const ListedNode& place, Time now) const;
  /// What the node there told of itself; nothing if it has not told who it is.
  std::optional<dist::Challenge> find_challenge(const ListedNode& place, Time now) const;
  void learn(const ListedNode& place, const Identification& identification, Time now);
  void forget(const ListedNode& place) { known_.erase(place); }
  /// Those with which TLS has failed are to be asked now. False: there are none.
  bool forget_failed_tls();
  /// Forgets the places that were not in `listed`, or for some time if `may_be_listed`.
  template <typename Predicate>
  void keep(const std::set<ListedNode>& listed, Predicate may_be_listed, Time now) {
    for (auto known = known_.begin(); known != known_.end();) {
      Time& last_listed = known->second.last_listed;
      if (listed.contains(known->first)) last_listed = now;
      const bool is_recent = last_listed + absence_retention > now;
      const bool stays = last_listed == now || (is_recent && may_be_listed(known->first));
      known = stays ? std::next(known) : known_.erase(known);
    }
  }

  bool contains(const ListedNode& place) const { return known_.contains(place); }
  size_t size() const { return known_.size(); }

 private:
  struct Known {
    Identification identification = {};
    unsigned failures = 0;
    Time ask_again = {};
    Time last_listed = {};
  };
  std::map<ListedNode, Known> known_ = {};
};

}  // namespace discovery
