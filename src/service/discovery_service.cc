#include "service/discovery_service.h"

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

}  // namespace

base::Result<std::unique_ptr<DiscoveryService>> DiscoveryService::create(
    event::Loop& loop, const options::Search& search, std::unique_ptr<discovery::LocalHost> local,
    Outputs outputs, discovery::ProbeMetrics* metrics) {
  auto resolver = probe::Resolver::create(loop, search.nameservers);
  if (!resolver) return resolver.error();
  return std::unique_ptr<DiscoveryService>(new DiscoveryService(
      loop, search, std::move(*resolver), std::move(local), std::move(outputs), metrics));
}

DiscoveryService::DiscoveryService(event::Loop& loop, const options::Search& search,
                                   std::unique_ptr<probe::Resolver> resolver,
                                   std::unique_ptr<discovery::LocalHost> local, Outputs outputs,
                                   discovery::ProbeMetrics* metrics)
    : resolver_(std::move(resolver)),
      prober_(loop, dist::prober_name(net::host_name())),
      scheduler_(loop),
      metered_(prober_, scheduler_, metrics ? *metrics : uncounted_),
      local_(std::move(local)),
      world_{*resolver_, metered_, scheduler_, *local_},
      outputs_(std::move(outputs)),
      discovery_(world_, settings_of(search),
                 [this](const discovery::Report& report) { tell(report); }) {}

void DiscoveryService::change(const options::Search& search) {
  discovery_.change(settings_of(search));
  if (const auto reread = resolver_->reread(search.nameservers); !reread)
    logging::error("reload_failed", "{}; the nameservers stay as they were",
                   logging::field("reason", reread.error().message));
}

void DiscoveryService::tell(const discovery::Report& report) {
  for (const std::unique_ptr<outputs::Output>& output : outputs_) output->tell(report);
}

}  // namespace service
