#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "discovery/discovery.h"
#include "sim/sim_world.h"

namespace sim {

using discovery::Change;
using discovery::Members;
using discovery::Settings;
using discovery::Sightings;

discovery::Query query(const std::string& text);
/// To look for each of these, every five seconds.
Settings settings_for(const std::vector<std::string>& queries);
/// "joined app@a" or "left app@a".
std::string told(const Change& change);

/// The laws that hold of every report: what was told makes the members, a node joins when it is no
/// member and leaves when it is one, and there are no other members.
class Laws {
 public:
  /// What is broken; empty if nothing is.
  std::string find_fault(const discovery::Report& report);

 private:
  std::string find_fault(const Change& change);

  std::set<std::string> members_ = {};
};

/// A cluster in a simulated world, a Discovery that looks at it, and what it told.
class Cluster {
 public:
  explicit Cluster(const std::vector<std::string>& queries = {"web"}, uint32_t seed = 1);

  /// A container that the DNS lists from now on, behind `alias` and under its own name, and whose
  /// process runs 300 ms later: in it, one node "app@NAME".
  Container& start(const std::string& name, const std::string& ip,
                   const std::string& alias = "web");
  /// As if it had been there for long.
  Container& have(const std::string& name, const std::string& ip, const std::string& alias = "web");
  /// The DNS drops it, and nobody has its addresses any more.
  void stop(const std::string& name);
  /// Its node ends and another one starts, under the same name.
  void restart_node(const std::string& name);
  /// A node of this host, registered with our own EPMD.
  Node& have_local(const std::string& name);
  Node a_node(const std::string& name);

  void begin(const Settings& settings);
  void begin() { begin(settings); }
  /// Until so many more rounds have been told.
  void rounds(unsigned count);
  void run(Time span);

  /// What was told since this was asked last.
  std::vector<std::string> take_told();
  /// Why, of everything that was ever told; empty if there is none with this index.
  std::string reason(size_t index) const;
  std::vector<std::string> names() const;
  const discovery::Member& member(const std::string& name) const;
  /// "NAME: WHY" of each non-member of the last round.
  std::vector<std::string> non_members() const;
  /// Whether one of this name is among them, with these words in its reason.
  bool has_non_member(const std::string& name, const std::string& why) const;
  unsigned handshakes() const;

  World world;
  Settings settings;
  std::map<std::string, std::shared_ptr<Container>> containers = {};
  std::shared_ptr<Container> self = std::make_shared<Container>();
  std::unique_ptr<discovery::Discovery> loop = {};

  unsigned rounds_told = 0;
  std::vector<Time> told_at = {};
  std::vector<Change> changes = {};
  Sightings last = {};
  Time took = {};
  /// What should never be, in words.
  std::vector<std::string> faults = {};
  /// Called at the end of each report.
  std::function<void(const discovery::Report&)> on_report = {};

 private:
  void take(const discovery::Report& report);
  void check_faults() const;

  discovery::Environment ports_ = world.ports();
  Laws laws_ = {};
  size_t asked_ = 0;
  uint16_t port_no_ = 40000;
  uint32_t creation_ = 1000;
};

}  // namespace sim
