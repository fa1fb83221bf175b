#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <set>
#include <string>

#include "net/loop.h"
#include "output/back_off.h"
#include "output/cookie_checks.h"
#include "output/peers.h"
#include "output/push_figures.h"
#include "output/push_task.h"

namespace output {

/// Has one node of this host connect to the peers that it lacks: asks it which it has, then has it
/// call net_kernel:connect_node/1 for the others. A peer that it cannot reach is tried ever less
/// often, and keeps no other waiting; one with another cookie is not tried again. It never
/// disconnects anybody.
class ConnectPush final : public PushTask {
 public:
  /// At the same time: the node starts a process for each, and each may take 8 seconds.
  static constexpr size_t calls_at_once_max = 64;
  /// Every name costs the node an atom for ever, and it ends when there are a million. Strangers
  /// can make up names without end.
  static constexpr size_t names_max = 50'000;

  /// The loop, the checks and the figures outlive it.
  ConnectPush(net::Loop& loop, CookieChecks& checks, discovery::LocalNode local,
              PushFigures& figures)
      : loop_(loop), checks_(checks), local_(std::move(local)), figures_(figures) {}

  void take(const discovery::Report& report) override;
  bool is_wanted() const override { return !peers_.empty(); }
  void begin(net::Link& link) override;
  bool take_answer(net::Link& link, uint32_t call, const std::string& term) override;
  void on_lost() override;

 private:
  void take_connected(const std::string& term);
  bool is_due(const discovery::Sighting& peer) const;
  bool may_be_told(const std::string& peer);
  void connect_next(net::Link& link);
  void take_result(const std::string& peer, const std::string& term);
  bool is_idle() const { return !is_asking_ && under_way_.empty() && waiting_.empty(); }

  net::Loop& loop_;
  CookieChecks& checks_;
  discovery::LocalNode local_;
  PushFigures& figures_;
  Peers peers_ = {};
  std::map<std::string, BackOff> back_offs_ = {};
  std::set<std::string> told_ = {};
  bool is_told_enough_ = false;
  bool is_asking_ = false;
  std::deque<std::string> waiting_ = {};
  uint32_t calls_ = 0;
  std::map<uint32_t, std::string> under_way_ = {};
};

}  // namespace output
