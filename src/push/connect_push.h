#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/back_off.h"
#include "event/loop.h"
#include "mesh/local_links.h"
#include "push/atom_budget.h"
#include "push/cookie_checks.h"
#include "push/families.h"
#include "push/metrics.h"
#include "push/peer_checks.h"
#include "push/peers.h"
#include "push/task.h"

namespace push {

/// Has one node of this host connect to the peers that it lacks: asks it which it has, then has it
/// call net_kernel:connect_node/1 for the others. A peer that it cannot reach is tried ever less
/// often, and keeps no other waiting; one with another cookie is not tried again. It never
/// disconnects anybody.
///
/// connect_node/1 looks the peer's host part up in net_kernel itself, and where nobody answers for
/// a name that is gone, which Docker's DNS does not for those it cannot ask others about, the node
/// can neither connect nor be connected to for 8 seconds. So it is told neither of a peer that the
/// last round looked for in vain, nor of one of another host that PeerChecks do not find just now.
///
/// A pair that was connected and is not at the next look, although both run, has failed like one
/// that never connected. From OTP 25 on that is what `global` does where a third node cannot reach
/// one of the two (prevent_overlapping_partitions): whoever connects them again at once keeps all
/// nodes of the cluster in a storm. So a node that still has most of its peers leaves it to the
/// other first, and one that sees who does not answer from here waits until that has changed.
class ConnectPush final : public PushTask {
 public:
  /// At the same time: the node starts a process for each, and each may take 8 seconds.
  static constexpr size_t calls_at_once_max = 64;
  /// Before a node that has most of its peers tries one that it has lost, for the first time.
  static constexpr event::Loop::Time loss_wait_of_most = std::chrono::seconds(20);
  /// So long a node that cannot connect by itself waits for the peer to connect, until it is told.
  static constexpr event::Loop::Time apart_wait = std::chrono::seconds(10);
  /// A pair that is connected for so long holds: what failed before counts no more.
  static constexpr event::Loop::Time holds_after = std::chrono::seconds(60);

  /// The loop, both kinds of checks, the links and the metrics outlive it.
  ConnectPush(event::Loop& loop, PeerChecks& peer_checks, CookieChecks& checks,
              mesh::LocalLinks& links, discovery::LocalNode local, PushMetrics& metrics)
      : loop_(loop),
        peer_checks_(peer_checks),
        checks_(checks),
        links_(links),
        local_(std::move(local)),
        metrics_(metrics),
        told_(local_.name.to_string()) {}
  ~ConnectPush() override { count_pairs(0, 0); }

  void take(const discovery::Report& report) override;
  bool is_wanted() const override { return !peers_.empty(); }
  void begin(probe::DistConnection& connection) override;
  bool take_answer(probe::DistConnection& connection, uint32_t call,
                   const std::string& term) override;
  void on_lost() override;
  outputs::Json progress() const override;
  void resume(const outputs::Json& progress) override;

 private:
  /// What is known of one incarnation of a peer.
  struct PeerState {
    uint32_t creation = 0;
    base::BackOff back_off = {};
    bool is_connected = false;  // at the last look, or since
    event::Loop::Time connected_since = {};
    bool is_lost = false;             // was connected; whether it is still there is being checked
    bool waits_for_suspects = false;  // until all that is behind the queries answers
    bool is_loss_told = false;
    std::optional<event::Loop::Time> apart_since = {};
    bool is_apart_told = false;
  };

  static outputs::Json keep(const PeerState& state);
  static PeerState kept_state(const outputs::Json& kept);
  PeerState& state_of(const discovery::Sighting& peer);
  void forget_those_away();
  void take_suspects(const discovery::Report& report);
  void take_connected(const std::string& term);
  void count_pairs(size_t connected, size_t not_connected);
  void look_at(const discovery::Sighting& peer, bool is_connected);
  void note_connected(PeerState& state);
  void note_loss(const std::string& peer);
  event::Loop::Time wait_after_loss(PeerState& state) const;
  bool is_due(const discovery::Sighting& peer) const;
  bool can_connect(const discovery::Sighting& peer, PeerState& state);
  void warn_of_families(const discovery::Sighting& peer) const;
  void connect_next(probe::DistConnection& connection);
  void check(probe::DistConnection& connection, const discovery::Sighting& peer);
  void on_checked(probe::DistConnection& connection, const std::string& peer, bool is_there);
  void on_there(probe::DistConnection& connection, const std::string& peer);
  void on_away(const std::string& peer);
  void connect(probe::DistConnection& connection, const std::string& peer);
  void take_result(const std::string& peer, const std::string& term);
  void warn_of_ports(const discovery::Sighting& peer) const;
  void warn_of_epmd_ports(const discovery::Sighting& peer) const;
  bool is_idle() const {
    return !is_asking_ && waiting_.empty() && being_checked_.empty() && under_way_.empty();
  }

  event::Loop& loop_;
  PeerChecks& peer_checks_;
  CookieChecks& checks_;
  mesh::LocalLinks& links_;
  discovery::LocalNode local_;
  PushMetrics& metrics_;
  AtomBudget told_;
  Families families_ = {};
  Peers peers_ = {};
  /// Peers that the last round looked for in vain.
  std::set<std::string> missing_ = {};
  std::map<std::string, PeerState> states_ = {};  // by node name
  /// Where nobody answers from here, behind the queries: others may be connected to who is there.
  std::set<std::string> suspects_ = {};
  /// Of the peers that are there, at the last look.
  size_t connected_ = 0;
  size_t not_connected_ = 0;
  bool is_asking_ = false;
  std::deque<std::string> waiting_ = {};
  std::map<std::string, base::Pending> being_checked_ = {};
  uint32_t calls_ = 0;
  std::map<uint32_t, std::string> under_way_ = {};
};

}  // namespace push
