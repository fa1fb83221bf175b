#define CARES_NO_DEPRECATED
#include "net/ares_resolver.h"

#include <arpa/nameser.h>
#include <netdb.h>
#include <spdlog/fmt/fmt.h>

#include <utility>

#include "net/address.h"
#include "net/host_lookup.h"
#include "net/service_lookup.h"

namespace net {
namespace {

using discovery::Pending;
using discovery::Query;
using discovery::Resolution;

Resolution resolution_of(const HostLookup::Answer& answer, uint16_t port_no) {
  Resolution resolution;
  for (const std::string& ip : answer.ips) resolution.endpoints.push_back({ip, port_no});
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

/// The name under which the DNS keeps the names of an address (RFC 1035 3.5, RFC 3596 2.5).
std::string reverse_name(const Address& address) {
  std::string name;
  const std::string_view bytes = address.host_bytes();
  const bool is_ipv4 = address.family() == AF_INET;
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) {
    const auto value = static_cast<unsigned char>(*byte);
    name += is_ipv4 ? fmt::format("{}.", value) : fmt::format("{:x}.{:x}.", value & 15, value >> 4);
  }
  return name + (is_ipv4 ? "in-addr.arpa" : "ip6.arpa");
}

std::vector<std::string> parse_names(std::string_view bytes) {
  hostent* found = nullptr;
  const auto* const start = reinterpret_cast<const unsigned char*>(bytes.data());
  if (ares_parse_ptr_reply(start, static_cast<int>(bytes.size()), nullptr, 0, AF_INET, &found))
    return {};
  const std::unique_ptr<hostent, decltype(&ares_free_hostent)> owner(found, ares_free_hostent);
  std::vector<std::string> names;
  for (char** each = found->h_aliases; *each; ++each) names.emplace_back(*each);
  return names;
}

}  // namespace

AresResolver::AresResolver(Loop& loop, std::unique_ptr<AresChannel> channel)
    : loop_(loop), channel_(std::move(channel)) {}

base::Result<std::unique_ptr<AresResolver>> AresResolver::create(Loop& loop,
                                                                 const std::string& servers) {
  auto channel = AresChannel::create(loop, {.servers = servers});
  if (!channel) return channel.error();
  return std::unique_ptr<AresResolver>(new AresResolver(loop, std::move(*channel)));
}

base::Result<base::Done> AresResolver::reread(const std::string& servers) {
  auto channel = AresChannel::create(loop_, {.servers = servers});
  if (!channel) return channel.error();
  keep_for_a_while(std::exchange(channel_, std::move(*channel)));
  return base::Done{};
}

void AresResolver::keep_for_a_while(std::unique_ptr<AresChannel> channel) {
  const auto kept = former_.emplace(former_.end(), loop_, std::move(channel));
  kept->timer.start(2 * patience, [this, kept] { former_.erase(kept); });
}

Pending AresResolver::resolve(const Query& query, OnResolved on_resolved) {
  if (query.kind == Query::Kind::service)
    return std::make_unique<ServiceLookup>(loop_, *channel_, query.name, patience,
                                           std::move(on_resolved));
  return std::make_unique<HostLookup>(
      loop_, *channel_, query.name, patience,
      [port_no = query.port_no, on_resolved = std::move(on_resolved)](
          const HostLookup::Answer& answer) { on_resolved(resolution_of(answer, port_no)); });
}

Pending AresResolver::find(const std::string& host, OnFound on_found) {
  return std::make_unique<HostLookup>(
      loop_, *channel_, host, patience,
      [on_found = std::move(on_found)](const HostLookup::Answer& answer) {
        on_found(!answer.ips.empty());
      },
      HostLookup::Enough::one_address);
}

Pending AresResolver::reverse(const std::string& ip, OnReversed on_reversed) {
  const std::string name = reverse_name(Address::parse(ip, 0).value_or(Address{}));
  return channel_->ask(
      name, ns_t_ptr, [on_reversed = std::move(on_reversed)](int status, std::string_view bytes) {
        on_reversed(status == ARES_SUCCESS ? parse_names(bytes) : std::vector<std::string>());
      });
}

}  // namespace net
