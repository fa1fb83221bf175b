#include "probe/resolver.h"

#include <utility>

#include "dns/host_lookup.h"
#include "dns/reverse_lookup.h"
#include "dns/service_lookup.h"

namespace probe {
namespace {

using discovery::Pending;
using discovery::Query;
using discovery::Resolution;

Resolution resolution_of(const dns::HostLookup::Answer& answer, uint16_t port_no) {
  Resolution resolution;
  for (const std::string& ip : answer.ips) resolution.endpoints.push_back({ip, port_no});
  resolution.hosts_file_only = answer.hosts_file_only;
  resolution.in_hosts_file = answer.in_hosts_file;
  resolution.is_ipv4_failed = answer.is_ipv4_failed;
  resolution.is_ipv6_failed = answer.is_ipv6_failed;
  resolution.why = answer.why;
  if (answer.is_ipv4_failed || answer.is_ipv6_failed)
    resolution.outcome = Resolution::Outcome::failed;
  else
    resolution.outcome =
        answer.ips.empty() ? Resolution::Outcome::empty : Resolution::Outcome::answered;
  return resolution;
}

}  // namespace

base::Result<std::unique_ptr<Resolver>> Resolver::create(event::Loop& loop,
                                                         const std::string& servers) {
  auto channels = dns::Channels::create(loop, servers);
  if (!channels) return channels.error();
  return std::unique_ptr<Resolver>(new Resolver(loop, std::move(*channels)));
}

base::Result<base::Done> Resolver::reread(const std::string& servers) {
  auto channels = dns::Channels::create(loop_, servers);
  if (!channels) return channels.error();
  channels_ = std::move(*channels);
  return base::Done{};
}

Pending Resolver::resolve(const Query& query, OnResolved on_resolved) {
  if (query.kind == Query::Kind::service)
    return std::make_unique<dns::ServiceLookup>(loop_, channels_, query.name, timeout,
                                                std::move(on_resolved));
  return std::make_unique<dns::HostLookup>(
      loop_, channels_, query.name, timeout,
      [port_no = query.port_no, on_resolved = std::move(on_resolved)](
          const dns::HostLookup::Answer& answer) { on_resolved(resolution_of(answer, port_no)); });
}

Pending Resolver::is_resolvable(const std::string& host, OnChecked on_checked) {
  return std::make_unique<dns::HostLookup>(
      loop_, channels_, host, timeout,
      [on_checked = std::move(on_checked)](const dns::HostLookup::Answer& answer) {
        on_checked(!answer.ips.empty());
      },
      dns::HostLookup::Enough::one_address);
}

Pending Resolver::reverse(const std::string& ip, OnReversed on_reversed) {
  return std::make_unique<dns::ReverseLookup>(loop_, channels_, ip, timeout,
                                              std::move(on_reversed));
}

}  // namespace probe
