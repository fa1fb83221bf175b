#include "net/address.h"

#include <arpa/inet.h>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/number.h"

namespace net {
namespace {

constexpr size_t ipv4_bytes = 4;
/// ::ffff:0:0/96, where a dual-stack socket shows IPv4 peers.
constexpr std::string_view mapped_prefix("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);

std::string_view as_ipv4(std::string_view host_bytes) {
  return host_bytes.starts_with(mapped_prefix) ? host_bytes.substr(mapped_prefix.size())
                                               : host_bytes;
}

bool same_prefix(std::string_view a, std::string_view b, unsigned bits) {
  const size_t whole = bits / 8;
  if (a.size() != b.size() || a.substr(0, whole) != b.substr(0, whole)) return false;
  if (bits % 8 == 0) return true;
  const auto difference = static_cast<unsigned char>(a[whole] ^ b[whole]);
  return difference >> (8 - bits % 8) == 0;
}

}  // namespace

std::optional<Address> Address::parse(std::string_view numeric, uint16_t port) {
  Address address;
  auto& ipv4 = reinterpret_cast<sockaddr_in&>(address.storage_);
  auto& ipv6 = reinterpret_cast<sockaddr_in6&>(address.storage_);
  const std::string text(numeric);
  if (inet_pton(AF_INET, text.c_str(), &ipv4.sin_addr) == 1)
    ipv4.sin_family = AF_INET;
  else if (inet_pton(AF_INET6, text.c_str(), &ipv6.sin6_addr) == 1)
    ipv6.sin6_family = AF_INET6;
  else
    return std::nullopt;
  address.set_port(port);
  return address;
}

Address Address::from(const sockaddr_storage& storage) {
  Address address;
  address.storage_ = storage;
  return address;
}

std::optional<Address> Address::of_socket(int descriptor) {
  Address address;
  socklen_t size = sizeof address.storage_;
  if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&address.storage_), &size) != 0)
    return std::nullopt;
  return address;
}

std::optional<Address> Address::of_peer(int descriptor) {
  Address address;
  socklen_t size = sizeof address.storage_;
  if (getpeername(descriptor, reinterpret_cast<sockaddr*>(&address.storage_), &size) != 0 ||
      (address.family() != AF_INET && address.family() != AF_INET6))
    return std::nullopt;
  return address;
}

uint16_t Address::port() const {
  // sin_port and sin6_port lie at the same place.
  return ntohs(reinterpret_cast<const sockaddr_in&>(storage_).sin_port);
}

void Address::set_port(uint16_t port) {
  reinterpret_cast<sockaddr_in&>(storage_).sin_port = htons(port);
}

std::string_view Address::host_bytes() const {
  if (family() == AF_INET) {
    const auto& ipv4 = reinterpret_cast<const sockaddr_in&>(storage_);
    return {reinterpret_cast<const char*>(&ipv4.sin_addr), sizeof ipv4.sin_addr};
  }
  if (family() == AF_INET6) {
    const auto& ipv6 = reinterpret_cast<const sockaddr_in6&>(storage_);
    return {reinterpret_cast<const char*>(&ipv6.sin6_addr), sizeof ipv6.sin6_addr};
  }
  return {};
}

std::string Address::host() const {
  std::array<char, INET6_ADDRSTRLEN> text = {};
  const std::string_view bytes = host_bytes();
  if (bytes.empty() || !inet_ntop(family(), bytes.data(), text.data(), text.size())) return "?";
  return text.data();
}

std::string Address::to_string() const {
  if (family() == AF_INET6) return fmt::format("[{}]:{}", host(), port());
  return fmt::format("{}:{}", host(), port());
}

bool Address::is_wildcard() const {
  const std::string_view bytes = host_bytes();
  return std::all_of(bytes.begin(), bytes.end(), [](char byte) { return byte == 0; });
}

socklen_t Address::size() const {
  return family() == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
}

bool is_local_peer(const Address& peer, int descriptor) {
  if (peer.family() == AF_INET && peer.host_bytes().front() == 127) return true;
  static const Address loopback6 = *Address::parse("::1", 0);
  if (peer.same_host(loopback6)) return true;
  const std::optional<Address> own = Address::of_socket(descriptor);
  return own && peer.same_host(*own);
}

base::Result<Network> Network::parse(std::string_view text) {
  const base::Error error{fmt::format("'{}' is not a range of addresses such as 10.0.0.0/8", text)};
  const size_t slash = text.find('/');
  const std::optional<Address> address = Address::parse(text.substr(0, slash), 0);
  if (!address) return error;
  const auto bits_max = static_cast<unsigned>(address->host_bytes().size() * 8);
  Network network;
  network.address_ = *address;
  network.prefix_bits_ = bits_max;
  if (slash == std::string_view::npos) return network;
  const auto bits = base::parse_number<unsigned>(text.substr(slash + 1));
  if (!bits || *bits > bits_max) return error;
  network.prefix_bits_ = *bits;
  return network;
}

bool Network::contains(const Address& address) const {
  const std::string_view bytes = address_.host_bytes().size() == ipv4_bytes
                                     ? as_ipv4(address.host_bytes())
                                     : address.host_bytes();
  return same_prefix(bytes, address_.host_bytes(), prefix_bits_);
}

bool is_in_any(const std::vector<Network>& networks, std::string_view ip) {
  const std::optional<Address> address = Address::parse(ip, 0);
  return address && std::any_of(networks.begin(), networks.end(),
                                [&](const Network& network) { return network.contains(*address); });
}

namespace {

/// The reference has room for 16, of which it keeps one for each loopback and one more.
constexpr size_t listed_addresses_max = 13;

std::vector<std::string_view> split(std::string_view list) {
  std::vector<std::string_view> tokens;
  while (!list.empty()) {
    const size_t end = std::min(list.find_first_of(", "), list.size());
    if (end > 0) tokens.push_back(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return tokens;
}

bool lists(const std::vector<Address>& listed, const Address& address) {
  return std::any_of(listed.begin(), listed.end(),
                     [&](const Address& other) { return other.same_host(address); });
}

bool is_planned(const std::vector<ListenAddress>& plan, const Address& address) {
  return std::any_of(plan.begin(), plan.end(), [&](const ListenAddress& planned) {
    return planned.address.same_host(address);
  });
}

/// Whether the family's wildcard is listed too: both cannot be listened on.
bool is_covered(const std::vector<Address>& listed, const Address& address) {
  return !address.is_wildcard() &&
         std::any_of(listed.begin(), listed.end(), [&](const Address& other) {
           return other.family() == address.family() && other.is_wildcard();
         });
}

bool is_either_loopback(std::string_view token) { return token == "127.0.0.1" || token == "::1"; }

base::Result<std::vector<Address>> parse_listed(std::string_view list, uint16_t port) {
  std::vector<Address> listed;
  size_t beside_loopback = 0;
  for (const std::string_view token : split(list)) {
    const std::optional<Address> address = Address::parse(token, port);
    if (!address) return base::Error{fmt::format("cannot parse IP address \"{}\"", token)};
    if (!is_either_loopback(token) && ++beside_loopback > listed_addresses_max)
      return base::Error{"cannot listen on more than 16 IP addresses"};
    listed.push_back(*address);
  }
  return listed;
}

}  // namespace

base::Result<std::vector<ListenAddress>> plan_listening(std::string_view list, uint16_t port) {
  const base::Result<std::vector<Address>> listed = parse_listed(list, port);
  if (!listed) return listed.error();
  std::vector<ListenAddress> plan;
  if (listed->empty()) {
    plan.push_back({*Address::parse("0.0.0.0", port), false});
    plan.push_back({*Address::parse("::", port), false});
    return plan;
  }
  for (const std::string_view loopback : {"127.0.0.1", "::1"}) {
    const Address address = *Address::parse(loopback, port);
    if (!is_covered(*listed, address)) plan.push_back({address, !lists(*listed, address)});
  }
  for (const Address& address : *listed)
    if (!is_planned(plan, address) && !is_covered(*listed, address))
      plan.push_back({address, false});
  return plan;
}

}  // namespace net
