#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace base {

/// A host as people write it, perhaps with a port.
struct HostPort {
  std::string host = {};
  std::optional<uint16_t> port = {};
  bool operator==(const HostPort&) const = default;
};

/// "HOST", "HOST:PORT", "[IPV6]", "[IPV6]:PORT", or a bare IPv6 address. Nothing for anything else;
/// what stands for HOST is not looked at, and port 0 is no port.
std::optional<HostPort> parse_host_port(std::string_view text);

/// A decimal number from 1 to 65535.
std::optional<uint16_t> parse_port_no(std::string_view digits);

/// Whether a host is an IPv6 address, and no name or IPv4 address.
bool is_ipv6(std::string_view host);

/// Whether an address is loopback's: 127.0.0.0/8 or ::1.
bool is_loopback(std::string_view ip);
/// 0.0.0.0 or ::, which as a destination is this host.
bool is_unspecified(std::string_view ip);

/// "HOST:PORT", or "[IPV6]:PORT".
std::string join_host_port(std::string_view host, uint16_t port);

}  // namespace base
