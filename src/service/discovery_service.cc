#include "service/discovery_service.h"

#include <algorithm>
#include <string>
#include <utility>

#include "dist/handshake.h"
#include "logging/log.h"
#include "net/interfaces.h"
#include "probe/local_host.h"

namespace service {

namespace {

discovery::Settings settings_of(const options::Search& search) {
  discovery::Settings settings = {{search.queries, search.filter}, search.interval};
  if (!search.peers.empty())
    settings.scope.may_be_peer = [peers = search.peers](const std::string& ip) {
      return net::is_in_any(peers, ip);
    };
  return settings;
}

std::unique_ptr<tls::Client> tls_of(const options::Search& search) {
  if (!search.tls) return nullptr;
  auto client = std::make_unique<tls::Client>(*search.tls, [](const std::string& why) {
    logging::error("tls_files", "{}; what was read before stays in use, if anything was",
                   logging::field("reason", why));
  });
  // What is wrong with the files is told now, and not when the first node comes.
  static_cast<void>(tls::begin_session(client.get(), ""));
  return client;
}

}  // namespace

base::Result<std::unique_ptr<DiscoveryService>> DiscoveryService::create(
    event::Loop& loop, const options::Search& search, std::unique_ptr<discovery::LocalHost> local,
    Outputs outputs, discovery::ProbeMetrics* metrics, keeper::Notes* notes) {
  auto resolver = probe::Resolver::create(loop, search.nameservers);
  if (!resolver) return resolver.error();
  return std::unique_ptr<DiscoveryService>(new DiscoveryService(
      loop, search, std::move(*resolver), std::move(local), std::move(outputs), metrics, notes));
}

DiscoveryService::DiscoveryService(event::Loop& loop, const options::Search& search,
                                   std::unique_ptr<probe::Resolver> resolver,
                                   std::unique_ptr<discovery::LocalHost> local, Outputs outputs,
                                   discovery::ProbeMetrics* metrics, keeper::Notes* notes)
    : resolver_(std::move(resolver)),
      tls_(tls_of(search)),
      // A command has no EPMD, and so another name than the daemon beside it: a node closes on the
      // first of two that ask at once under one.
      prober_(loop, dist::prober_name(net::host_name() + std::to_string(local->epmd_port_no())),
              tls_.get()),
      scheduler_(loop),
      metrics_(metrics ? *metrics : uncounted_),
      metered_(prober_, scheduler_, metrics_),
      local_(std::move(local)),
      world_{*resolver_, metered_, scheduler_, *local_},
      notes_(notes),
      before_(notes ? parse_progress(notes->read()) : DiscoveryProgress{}),
      discovery_(
          world_, settings_of(search), [this](const discovery::Report& report) { tell(report); },
          before_.members) {
  for (std::unique_ptr<outputs::Output>& output : outputs) add(std::move(output));
}

void DiscoveryService::add(std::unique_ptr<outputs::Output> output) {
  output->on_progress([this] { note_progress(); });
  resume(*output, before_);
  outputs_.push_back(std::move(output));
}

void DiscoveryService::change(const options::Search& search) {
  discovery_.change(settings_of(search));
  if (const auto reread = resolver_->reread(search.nameservers); !reread)
    logging::error("reload_failed", "{}; the nameservers stay as they were",
                   logging::field("reason", reread.error().message));
}

void DiscoveryService::tell(const discovery::Report& report) {
  for (const std::unique_ptr<outputs::Output>& output : outputs_) output->tell(report);
  if (!report.changes.empty()) note_progress();
  note_tls();
}

/// Once: of a node that speaks TLS the name is at best a guess, which is not pushed.
void DiscoveryService::note_tls() {
  using Outcome = discovery::Identification::Outcome;
  const bool is_seen = metrics_.identity.by_outcome.of(Outcome::speaks_tls) > 0;
  if (tls_ || !is_seen || std::exchange(is_tls_told_, true)) return;
  logging::warn("tls_not_given",
                "there are nodes with TLS distribution; to learn their names, give the "
                "certificates that they use, with --tls-conf or --tls-ca");
}

void DiscoveryService::note_progress() {
  if (!notes_ || writing_) return;
  const discovery::Time now = scheduler_.now();
  const discovery::Time next = std::max(now, written_ + progress_every);
  writing_ = scheduler_.after(next - now, [this] { write_progress(); });
}

/// What there is no memory for is told again after a crash.
void DiscoveryService::write_progress() {
  const base::Pending done = std::move(writing_);  // destroyed last: it is calling this
  written_ = scheduler_.now();
  const bool is_kept = notes_->write(to_bytes(discovery_.members(), outputs_));
  if (!is_kept && !is_loss_told_)
    logging::warn("progress_not_kept",
                  "there is no memory to keep what discovery has told: after a crash of the daemon "
                  "it is told again");
  is_loss_told_ = !is_kept;
}

}  // namespace service
