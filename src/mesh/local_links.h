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

  /// Who is registered here, and whether it counts before it has told its name.
  using Registered = std::map<discovery::LocalName, bool>;

  /// Says who is registered now. Nodes come and go between two rounds, and a report is to agree
  /// with that. Null: only what the last round saw is known.
  void ask_registered(std::function<Registered()> ask) { ask_registered_ = std::move(ask); }
  /// Those that are here now. All others are forgotten.
  void keep(const std::vector<discovery::LocalNode>& present);
  /// The members that a node should be connected to now.
  void expect(const discovery::LocalNode& node, std::set<std::string> members);
  /// What a node has answered just now. Of one that is not here it is dropped.
  void note(const discovery::LocalNode& node, std::set<std::string> peers, Time now);
  /// Why it does not answer. What it said before counts no more.
  void note_unknown(const discovery::LocalNode& node, const std::string& why);

  /// A node that is registered and has not told its name is in it by its alive name alone.
  Report report(Time now) const;
  /// Changes with what any node says, but not with its age.
  uint64_t revision() const { return revision_; }

 private:
  using Incarnation = discovery::Incarnation;
  struct Said {
    /// Nothing: it does not register.
    std::optional<discovery::LocalName> registration = {};
    std::string why_unknown = {};
    std::set<std::string> peers = {};
    std::set<std::string> expected = {};
    Time when = {};
  };

  void tell_lost(const Said& before, const std::set<std::string>& peers) const;
  static NodeLinks links_of(const Incarnation& life, const Said& said, Time now);

  void add_untold(Report& report, const Registered& registered) const;

  std::function<Registered()> ask_registered_ = {};
  /// The registrations of all nodes that have told their names, hidden ones too.
  std::set<discovery::LocalName> told_ = {};
  std::map<Incarnation, Said> nodes_ = {};
  uint64_t revision_ = 0;
  OnLost on_lost_ = {};
};

}  // namespace mesh
