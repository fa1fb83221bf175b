#include "dns/reverse_lookup.h"

#include <arpa/nameser.h>
#include <fmt/core.h>

#include <utility>

#include "dns/answer.h"
#include "net/address.h"

namespace dns {
namespace {

/// The name under which the DNS keeps the names of an address (RFC 1035 3.5, RFC 3596 2.5).
std::string reverse_name(const net::Address& address) {
  std::string name;
  const std::string_view bytes = address.host_bytes();
  const bool is_ipv4 = address.family() == AF_INET;
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) {
    const auto value = static_cast<unsigned char>(*byte);
    name += is_ipv4 ? fmt::format("{}.", value) : fmt::format("{:x}.{:x}.", value & 15, value >> 4);
  }
  return name + (is_ipv4 ? "in-addr.arpa" : "ip6.arpa");
}

discovery::Reversal reversal_of(int status, std::string_view bytes) {
  DnsAnswer answer = read_dns_answer(ns_t_ptr, status, bytes);
  discovery::Reversal reversal = {answer.fault.empty(), {}};
  for (DnsAnswer::Record& record : answer.records)
    reversal.names.push_back(std::move(record.value));
  return reversal;
}

}  // namespace

ReverseLookup::ReverseLookup(event::Loop& loop, std::shared_ptr<Channels> channels,
                             const std::string& ip, std::chrono::milliseconds timeout,
                             OnReversed on_reversed)
    : channels_(std::move(channels)), on_reversed_(std::move(on_reversed)), timer_(loop) {
  const std::string name = reverse_name(net::Address::parse(ip, 0).value_or(net::Address{}));
  timer_.start(timeout, [this] { finish({}); });
  question_ = channels_->ask(name, ns_t_ptr, [this](int status, std::string_view bytes) {
    finish(reversal_of(status, bytes));
  });
}

/// The callback may destroy the lookup.
void ReverseLookup::finish(discovery::Reversal reversal) {
  timer_.stop();
  question_.reset();
  const OnReversed on_reversed = std::move(on_reversed_);
  on_reversed(std::move(reversal));
}

}  // namespace dns
