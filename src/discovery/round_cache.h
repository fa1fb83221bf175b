#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "discovery/answer_cache.h"
#include "discovery/host_cache.h"
#include "discovery/identity_cache.h"
#include "discovery/swarm_tasks.h"

namespace discovery {

/// What the nodes of this host are like: whoever is to connect with them must be alike.
struct LocalKind {
  bool has_short_names = false;
  bool has_long_names = false;

  void add(const dist::NodeName& name) {
    if (name.is_of_both_kinds()) return;
    has_long_names |= name.is_long();
    has_short_names |= !name.is_long();
  }
  bool is_known() const { return has_short_names || has_long_names; }
  /// With no nodes yet, everybody fits.
  bool fits(const dist::NodeName& name) const {
    if (!is_known() || name.is_of_both_kinds()) return true;
    return name.is_long() ? has_long_names : has_short_names;
  }
};

/// What a query has led to: an EPMD, or the port of a node without one.
struct FoundPlace {
  /// In an order of their own: answers come in any.
  std::vector<std::string> queries = {};
  /// It was not asked in this round.
  bool is_trusted = false;
};
using FoundPlaces = std::map<Endpoint, FoundPlace>;

/// What a round found, and what it was made of: where that is the same again, so is what was found.
struct RoundBefore {
  /// Null: there was none.
  std::shared_ptr<const Sightings> sightings = {};
  /// Nothing of it depends on the time.
  bool will_stay = false;
  FoundPlaces places = {};
  std::set<ListedNode> local_places = {};
  std::vector<std::string> local_ips = {};
};

/// What one round leaves to the next, so that it need not be asked again.
struct RoundCache {
  /// The names that an address had, and when it was asked for them.
  struct Reversed {
    std::vector<std::string> names = {};
    Time learned = {};
    /// Names may change; where there are none, perhaps nobody has answered.
    bool is_due(Time now) const {
      using namespace std::chrono_literals;
      return learned + (names.empty() ? 5s : 60s) <= now;
    }
  };

  IdentityCache identities = {};
  /// What the prober had when they were asked.
  uint64_t credentials = 0;
  HostCache hosts = {};
  /// Of the nodes here that told their names last: while one is being started anew, nobody joins
  /// whom it will not connect with.
  LocalKind kind = {};
  std::map<std::string, Reversed> reversed = {};
  /// By query, at which ports it has led to this host: a node here that does not register stays
  /// known while the DNS fails, or leaves a host out that is not ready.
  std::map<std::string, std::set<uint16_t>> local_port_nos = {};
  /// Where local nodes listen that do not at the loopback.
  std::map<ListedNode, std::string> local_ips = {};
  /// Places whose node could be connected to. If one no longer can, perhaps it is another node.
  std::set<ListedNode> connectable = {};
  /// Places whose host part leads to another address too, from which no node has been heard yet,
  /// and since when: two containers with one host name look so while they start.
  std::map<ListedNode, Time> doubted = {};
  /// The nodes of this host that the last round held back.
  std::set<ListedNode> held_back = {};
  /// Why each node of this host was held back, or "", by the last round that saw members.
  std::map<ListedNode, std::string> verdicts = {};
  SwarmTasks swarm_tasks = {};
  AnswerCache answers = {};
  /// To be asked in the next round: what they answered last is not enough to join by, or what is
  /// known of their nodes are guesses, which another node at that address would change.
  std::set<Endpoint> not_trusted = {};
  RoundBefore before = {};
  /// There are members, whether or not a round sees them.
  bool has_members = false;
  /// The EPMDs that did not answer last time, though they had all the time there is.
  std::set<Endpoint> mute = {};
};

}  // namespace discovery
