#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "event/loop.h"
#include "mesh/local_links.h"
#include "outputs/output.h"
#include "push/cookie_checks.h"
#include "push/metrics.h"
#include "push/peer_checks.h"
#include "push/pusher.h"
#include "push/registrants.h"
#include "push/reregistration.h"
#include "tls/client.h"

namespace push {

/// Tells the nodes of this host who is there: has them connect, or sends a process of theirs
/// messages. Hidden nodes are left alone, and so are those that are held back, because other hosts
/// cannot reach them by their names (discovery::LocalNode::held_back), and those of
/// other users (Registrants).
class NodePush final : public outputs::Output {
 public:
  enum class What { nothing, connect, message };
  struct Settings {
    What what = What::connect;
    /// Ask the nodes whom they have, whatever they are told.
    bool looks = false;
    /// The process that messages go to.
    std::string registered_name = "portolan";
    CookieSource cookies = {};
    /// Nodes of this host that an earlier life of this daemon knew.
    std::vector<discovery::LocalNode> known = {};
    Registrants::UserOf user_of = {};
    /// How nodes are reached; null: without TLS. It outlives the push.
    tls::Client* tls = nullptr;
  };

  /// The loop, the finder, the prober, the links and the metrics outlive it.
  NodePush(event::Loop& loop, discovery::HostChecker& host_checker, discovery::Prober& prober,
           Settings settings, mesh::LocalLinks& links, PushMetrics& metrics)
      : loop_(loop),
        peer_checks_(host_checker, prober),
        settings_(std::move(settings)),
        links_(links),
        metrics_(metrics),
        checks_(loop, settings_.cookies, prober),
        registrants_(checks_, std::move(settings_.user_of), metrics),
        reregistration_(loop, checks_, settings_.tls, std::move(settings_.known)) {}

  void tell(const discovery::Report& report) override;
  std::string_view name() const override { return "push"; }
  outputs::Json progress() const override;
  void resume(const discovery::Members& members, const outputs::Json& progress) override;

 private:
  using Incarnation = discovery::Incarnation;
  /// That a node is held back, and whether that has been logged.
  struct Held {
    std::string why = {};
    event::Loop::Time since = {};
    bool is_told = false;
  };
  /// What is over within this time, as it is with nodes that are starting, is not logged.
  static constexpr event::Loop::Time held_tell_after = std::chrono::seconds(3);

  /// For nodes that have not told yet who they are.
  static constexpr event::Loop::Time progress_kept_for = std::chrono::seconds(60);

  std::string_view what() const { return settings_.what == What::connect ? "connect" : "message"; }
  std::unique_ptr<PushTask> make_task(const discovery::LocalNode& local);
  void note_left_alone(const discovery::Sightings& sightings);
  static std::string key_of(const Incarnation& life);
  void resume_task(PushTask& task, const Incarnation& life);
  std::unique_ptr<Pusher> make_pusher(const discovery::LocalNode& local);
  void push(const discovery::Report& report);
  void note_held(const discovery::LocalNode& local);
  void note_released(const discovery::LocalNode& local);
  void forget_those_gone(const discovery::Report& report);

  event::Loop& loop_;
  PeerChecks peer_checks_;
  Settings settings_;
  mesh::LocalLinks& links_;
  PushMetrics& metrics_;
  CookieChecks checks_;
  Registrants registrants_;
  Reregistration reregistration_;
  std::map<Incarnation, std::unique_ptr<Pusher>> pushers_ = {};
  std::map<std::string, Held> held_ = {};  // by node name
  /// Of an earlier process, by key_of(); of nodes that have no pusher yet.
  std::map<std::string, outputs::Json> progress_ = {};
  event::Loop::Time progress_ends_ = {};
};

}  // namespace push
