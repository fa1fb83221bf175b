#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace net {

/// An IPv4 or IPv6 address with a port.
class Address {
 public:
  Address() = default;
  /// `numeric` is an address as inet_pton reads it; nothing if it is not.
  static std::optional<Address> parse(std::string_view numeric, uint16_t port);
  static Address from(const sockaddr_storage& storage);
  /// Of a socket's own end; nothing if it has none (any more).
  static std::optional<Address> of_socket(int descriptor);

  /// Of the other end of a socket; nothing if it is not connected to an address (any more).
  static std::optional<Address> of_peer(int descriptor);

  sa_family_t family() const { return storage_.ss_family; }
  uint16_t port() const;
  void set_port(uint16_t port);
  /// "192.0.2.1", "2001:db8::1"; and with the port "192.0.2.1:4369", "[2001:db8::1]:4369".
  std::string host() const;
  std::string to_string() const;

  bool is_wildcard() const;
  /// Whether family and address are the same; ports and IPv6 scopes do not count.
  bool same_host(const Address& other) const { return host_bytes() == other.host_bytes(); }
  /// The address in network order: four bytes or sixteen.
  std::string_view host_bytes() const;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t size() const;

 private:
  sockaddr_storage storage_ = {};
};

/// Whether EPMD takes a peer for local (docs/PROTOCOL.md, "Who is local"): it is in 127.0.0.0/8, is
/// ::1, or has the very address that it connected to on `descriptor`, its accepted socket.
bool is_local_peer(const Address& peer, int descriptor);

/// A range of addresses such as 10.0.0.0/8. IPv4 peers of a dual-stack socket count as IPv4.
class Network {
 public:
  /// "10.0.0.0/8", "fd00::/8", or a single address.
  static base::Result<Network> parse(std::string_view text);
  bool contains(const Address& address) const;

 private:
  Address address_ = {};
  unsigned prefix_bits_ = 0;
};

/// Whether an address, as inet_ntop writes it, is in one of the ranges.
bool is_in_any(const std::vector<Network>& networks, std::string_view ip);

/// One address to listen on.
struct ListenAddress {
  Address address = {};
  /// Asked for by nobody: not being able to listen on it is not an error.
  bool is_implicit = false;
};

/// The addresses of `list` (separated by commas or spaces) with the loopback addresses that the
/// list does not cover, these first; both wildcards when the list is empty. As the reference's
/// newer releases: a family's loopback is implied unless it or the family's wildcard is listed.
base::Result<std::vector<ListenAddress>> plan_listening(std::string_view list, uint16_t port);

}  // namespace net
