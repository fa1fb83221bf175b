#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "net/loop.h"
#include "output/back_off.h"
#include "output/cookie_checks.h"
#include "output/peer_checks.h"
#include "output/peers.h"
#include "output/push_figures.h"
#include "output/push_task.h"
#include "output/told_names.h"

namespace output {

/// Has one node of this host connect to the peers that it lacks: asks it which it has, then has it
/// call net_kernel:connect_node/1 for the others. A peer that it cannot reach is tried ever less
/// often, and keeps no other waiting; one with another cookie is not tried again. It never
/// disconnects anybody.
///
/// connect_node/1 looks the peer's host part up in net_kernel itself, and where nobody answers for
/// a name that is gone, which Docker's DNS does not for those it cannot ask others about, the node
/// can neither connect nor be connected to for 8 seconds. So it is told neither of a peer that the
/// last round looked for in vain, nor of one of another host that PeerChecks do not find just now.
class ConnectPush final : public PushTask {
 public:
  /// At the same time: the node starts a process for each, and each may take 8 seconds.
  static constexpr size_t calls_at_once_max = 64;

  /// The loop, both kinds of checks and the figures outlive it.
  ConnectPush(net::Loop& loop, PeerChecks& peer_checks, CookieChecks& checks,
              discovery::LocalNode local, PushFigures& figures)
      : loop_(loop),
        peer_checks_(peer_checks),
        checks_(checks),
        local_(std::move(local)),
        figures_(figures),
        told_(local_.name.to_string()) {}

  void take(const discovery::Report& report) override;
  bool is_wanted() const override { return !peers_.empty(); }
  void begin(net::Link& link) override;
  bool take_answer(net::Link& link, uint32_t call, const std::string& term) override;
  void on_lost() override;

 private:
  void take_connected(const std::string& term);
  bool is_due(const discovery::Sighting& peer) const;
  void connect_next(net::Link& link);
  void check(net::Link& link, const discovery::Sighting& peer);
  void on_checked(net::Link& link, const std::string& peer, bool is_there);
  void connect(net::Link& link, const std::string& peer);
  void take_result(const std::string& peer, const std::string& term);
  bool is_idle() const {
    return !is_asking_ && waiting_.empty() && being_checked_.empty() && under_way_.empty();
  }

  net::Loop& loop_;
  PeerChecks& peer_checks_;
  CookieChecks& checks_;
  discovery::LocalNode local_;
  PushFigures& figures_;
  ToldNames told_;
  Peers peers_ = {};
  /// Peers that the last round looked for in vain.
  std::set<std::string> missing_ = {};
  std::map<std::string, BackOff> back_offs_ = {};
  bool is_asking_ = false;
  std::deque<std::string> waiting_ = {};
  std::map<std::string, base::Pending> being_checked_ = {};
  uint32_t calls_ = 0;
  std::map<uint32_t, std::string> under_way_ = {};
};

}  // namespace output
