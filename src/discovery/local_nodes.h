#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "discovery/own_name.h"
#include "discovery/round_cache.h"

namespace discovery {

/// The nodes of this host, registered with the EPMD of this process or not, in one round: where
/// they are, who they have said that they are, and which of them are to be held back.
class LocalNodes {
 public:
  /// Reads `host` now. `cache` outlives it.
  LocalNodes(const LocalHost& host, RoundCache& cache);

  /// Where a node of this host may listen: loopback first.
  const std::vector<std::string>& ips() const { return ips_; }
  const std::set<ListedNode>& places() const { return places_; }
  bool is_own_epmd(const Endpoint& endpoint) const;
  bool is_here(const std::string& ip) const;
  /// A DNS that lies is not to have us try all ports of this host.
  static constexpr size_t unregistered_max = 100;
  /// A node that may listen at this port without being registered. Nothing if one there is, or is
  /// known already, or if there are too many.
  std::optional<ListedNode> add_unregistered(uint16_t port_no);
  /// The host parts to be looked up. Those of nodes that are held back are looked up beside the
  /// rounds (OwnNames).
  std::set<std::string> host_parts_due(const NameFilter& filter, Time now) const;
  /// Adds those that have told their names. What is below comes after it.
  void judge(Sightings& sightings, Time now);
  /// Takes a node that was found elsewhere under the name of a local one; false if it has no such.
  bool take_namesake(const Sighting& seen);
  /// When all other nodes are known: sets which of the local ones are to be held back.
  void hold_back(Sightings& sightings, Time now);

 private:
  std::string judge_name(const LocalNode& local, const OutsideView& view);
  void hold_back_doubtful(Sightings& sightings, Time now);
  std::string outside_ip() const;

  RoundCache& cache_;
  std::vector<std::string> ips_;
  Endpoint epmd_ = {};
  std::set<ListedNode> places_ = {};
  /// By their names, those that have told them.
  std::map<std::string, ListedNode> named_ = {};
  /// Nodes found elsewhere under the name of a local one.
  std::vector<Sighting> namesakes_ = {};
};

}  // namespace discovery
