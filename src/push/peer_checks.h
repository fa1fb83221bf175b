#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "discovery/members.h"

namespace push {

/// Whether peers of other hosts can be told of just now, for all nodes of this host: whether the
/// EPMD lists the node still (or the node itself answers, if it has none), and then whether its
/// host part resolves. In this order, because a node that was lost a moment ago may have died with
/// its container, and the DNS knows the name for some milliseconds longer than there is an EPMD.
/// Asked once for all who want to know at the same time, and for so few at once that the
/// nameserver's buffers hold them. Nothing is remembered.
class PeerChecks {
 public:
  using OnChecked = std::function<void(bool is_there)>;
  /// A node may lack 10,000 peers. Each takes a connection, and then two questions.
  static constexpr size_t checks_at_once_max = 32;

  /// `host_checker` and `prober` outlive it, and it what it begins.
  PeerChecks(discovery::HostChecker& host_checker, discovery::Prober& prober)
      : host_checker_(host_checker), prober_(prober) {}
  PeerChecks(const PeerChecks&) = delete;
  PeerChecks& operator=(const PeerChecks&) = delete;

  base::Pending check(const discovery::Sighting& peer, OnChecked on_checked);

 private:
  class Waiter;
  struct Peer {
    discovery::Endpoint epmd = {};
    discovery::Endpoint node = {};
    dist::NodeName name = {};
    auto operator<=>(const Peer&) const = default;  // NOLINT: a nullptr, to clang-tidy 14
  };

  void check_next();
  bool is_wanted(const Peer& peer) const;
  void ask(const Peer& peer);
  void ask_epmd(const Peer& peer);
  void ask_node(const Peer& peer);
  void look_up(const Peer& peer);
  void on_checked(const Peer& peer, bool is_there);

  discovery::HostChecker& host_checker_;
  discovery::Prober& prober_;
  std::map<Peer, std::vector<std::weak_ptr<OnChecked>>> wishes_ = {};
  std::deque<Peer> waiting_ = {};
  std::map<Peer, base::Pending> checks_ = {};
};

}  // namespace push
