#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace dns {

/// Nameservers at link-local IPv6 addresses, as resolv.conf(5) has them: "nameserver fe80::1%eth0".
/// c-ares 1.18 skips such a line; and without the interface no connection to one comes about.
struct ScopedServers {
  /// All nameservers, without their interfaces and separated by commas; empty if none has one.
  std::string addresses = {};
  /// Interfaces by address; a name that no interface has is left out.
  std::map<std::string, uint32_t> interfaces = {};

  static ScopedServers read(std::string_view resolv_conf);
};

}  // namespace dns
