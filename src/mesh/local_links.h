#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "discovery/members.h"
#include "mesh/report.h"

namespace mesh {

/// What the nodes of this host have said of their connections, each at the last look.
class LocalLinks {
 public:
  using Time = std::chrono::milliseconds;
  using OnLost = std::function<void(const std::string& node)>;

  /// Calls back for each node that one of these says it has no more.
  void on_lost(OnLost on_lost) { on_lost_ = std::move(on_lost); }
  /// Those that are here now. All others are forgotten.
  void keep(const std::vector<discovery::LocalNode>& present);
  /// The members that a node should be connected to now.
  void expect(const discovery::LocalNode& node, std::set<std::string> members);
  /// What a node has answered just now. Of one that is not here it is dropped.
  void note(const discovery::LocalNode& node, std::set<std::string> peers, Time now);
  /// Why it does not answer. What it said before counts no more.
  void note_unknown(const discovery::LocalNode& node, const std::string& why);

  Report report(Time now) const;
  /// Changes with what any node says, but not with its age.
  uint64_t revision() const { return revision_; }

 private:
  using Incarnation = discovery::Incarnation;
  struct Said {
    std::string why_unknown = {};
    std::set<std::string> peers = {};
    std::set<std::string> expected = {};
    Time when = {};
  };

  void tell_lost(const Said& before, const std::set<std::string>& peers) const;
  static NodeLinks links_of(const Incarnation& life, const Said& said, Time now);

  std::map<Incarnation, Said> nodes_ = {};
  uint64_t revision_ = 0;
  OnLost on_lost_ = {};
};

}  // namespace mesh
