#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "base/result.h"
#include "discovery/discovery.h"
#include "discovery/metered_prober.h"
#include "event/loop.h"
#include "keeper/notes.h"
#include "options/options.h"
#include "outputs/output.h"
#include "probe/prober.h"
#include "probe/resolver.h"
#include "probe/scheduler.h"
#include "service/discovery_progress.h"
#include "tls/client.h"

namespace service {

/// The discovery loop, with all that it needs of the world and all who are told.
class DiscoveryService {
 public:
  using Outputs = std::vector<std::unique_ptr<outputs::Output>>;

  /// An error: the system's resolver cannot be used. The loop outlives it, and the
  /// metrics, in which its probes are counted, and the notes do. In the notes is what an earlier
  /// server has told, and it goes on with that; null: it begins anew.
  static base::Result<std::unique_ptr<DiscoveryService>> create(
      event::Loop& loop, const options::Search& search, std::unique_ptr<discovery::LocalHost> local,
      Outputs outputs, discovery::ProbeMetrics* metrics = nullptr, keeper::Notes* notes = nullptr);

  /// One more who is told. Not once the loop has run.
  void add(std::unique_ptr<outputs::Output> output);
  /// For outputs, which it outlives.
  discovery::HostChecker& hosts() { return *resolver_; }
  discovery::Prober& prober() { return metered_; }
  /// Null: without TLS.
  tls::Client* tls() { return tls_.get(); }
  /// A round soon: a local name has come or gone.
  void tell_news() { discovery_.tell_news(); }
  /// There are news at this address, as somebody there says.
  void hint(const std::string& ip) { discovery_.hint(ip); }
  /// A node of this host has lost this one.
  void doubt(const std::string& node) { discovery_.doubt(node); }
  /// Ends the round, as discovery::Discovery does.
  void give_up() { discovery_.give_up(); }
  /// Another search, perhaps by other nameservers; then a round.
  void change(const options::Search& search);

 private:
  DiscoveryService(event::Loop& loop, const options::Search& search,
                   std::unique_ptr<probe::Resolver> resolver,
                   std::unique_ptr<discovery::LocalHost> local, Outputs outputs,
                   discovery::ProbeMetrics* metrics, keeper::Notes* notes);
  /// What is told within this time before a crash may be told again after it: with each change of
  /// a cluster that starts, all would be written.
  static constexpr discovery::Time progress_every = std::chrono::milliseconds(100);

  void tell(const discovery::Report& report);
  void note_tls();
  void note_progress();
  void write_progress();

  std::unique_ptr<probe::Resolver> resolver_;
  std::unique_ptr<tls::Client> tls_;
  probe::Prober prober_;
  probe::Scheduler scheduler_;
  discovery::ProbeMetrics uncounted_ = {};
  discovery::ProbeMetrics& metrics_;
  discovery::MeteredProber metered_;
  std::unique_ptr<discovery::LocalHost> local_;
  discovery::Environment world_;
  keeper::Notes* notes_;
  DiscoveryProgress before_;
  Outputs outputs_ = {};
  discovery::Discovery discovery_;
  discovery::Time written_ = {};
  bool is_loss_told_ = false;
  bool is_tls_told_ = false;
  base::Pending writing_ = {};
};

}  // namespace service
