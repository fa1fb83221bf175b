#define CARES_NO_DEPRECATED
#include "net/reverse_lookup.h"

#include <arpa/nameser.h>
#include <netdb.h>
#include <spdlog/fmt/fmt.h>

#include <utility>

#include "net/address.h"

namespace net {
namespace {

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

ReverseLookup::ReverseLookup(Loop& loop, std::shared_ptr<AresChannel> channel,
                             const std::string& ip, std::chrono::milliseconds patience,
                             OnReversed on_reversed)
    : channel_(std::move(channel)), on_reversed_(std::move(on_reversed)), timer_(loop) {
  const std::string name = reverse_name(Address::parse(ip, 0).value_or(Address{}));
  timer_.start(patience, [this] { finish({}); });
  question_ = channel_->ask(name, ns_t_ptr, [this](int status, std::string_view bytes) {
    finish(status == ARES_SUCCESS ? parse_names(bytes) : std::vector<std::string>());
  });
}

/// The callback may destroy the lookup.
void ReverseLookup::finish(std::vector<std::string> names) {
  timer_.stop();
  question_.reset();
  const OnReversed on_reversed = std::move(on_reversed_);
  on_reversed(std::move(names));
}

}  // namespace net
