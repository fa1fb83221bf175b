#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/cluster.h"

namespace sim {

/// A cluster that lives: containers come, go, hang, move and start anew, and the DNS fails, as
/// chance has it. It knows what is true, and holds what is told against it.
class Life {
 public:
  explicit Life(uint32_t seed);

  void live(Time span);
  /// Everything that was broken is mended, and there is time to notice.
  void calm_down();

  /// The members there should be, if everything could be seen.
  std::set<std::string> truth() const;
  std::set<std::string> members() const;
  /// What was told and was not so; empty if nothing.
  const std::vector<std::string>& faults() const { return cluster_.faults; }
  unsigned rounds() const { return cluster_.rounds_told; }
  size_t changes() const { return cluster_.changes.size(); }

 private:
  /// What there is to know of a container and its first node.
  struct Being {
    /// The name by which it should be a member; none if it should not be one.
    std::string member = {};
    std::string host_part = {};
    std::string alias = {};
    /// Since then it has been up, reachable and listed. A DNS that fails changes nothing of that.
    Time steady_since = {};
    /// So many handshakes there may have been.
    unsigned handshakes_max = 2;
  };
  using Beings = std::map<std::string, Being>;

  void act();
  void begin_container(const std::string& name);
  void begin_node(Being& being, Container& container, const std::string& name);
  void end_container(const std::string& name);
  void move(const std::string& name);
  void restart(const std::string& name);
  void pause(const std::string& name);
  void refuse(const std::string& name);
  void slow_down(const std::string& name);
  void take_from_dns(const std::string& name);
  void lose_host(const std::string& name);
  void break_dns();
  void restart_local();

  /// From now until `span` from now, and a while longer, it may be missed.
  void disturb(Being& being, Time span);
  void forget_handshakes(const std::string& name);
  void judge(const discovery::Report& report);
  std::string find_fault(const Change& change) const;
  Time draw_span(Time most);
  std::string draw_name();
  std::string draw_ip();

  Random random_;
  Time interval_;
  bool has_local_;
  /// It takes so many rounds until what has changed is known.
  unsigned rounds_to_notice_;
  unsigned named_ = 0;
  Beings beings_ = {};
  /// Names that were true, and until when.
  std::map<std::string, Time> once_true_ = {};
  /// By name: how often each thing happens in this life.
  std::vector<unsigned> weights_ = {};
  Cluster cluster_;
};

}  // namespace sim
