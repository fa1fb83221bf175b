#include "dns/scoped_servers.h"

#include <net/if.h>

#include <sstream>

#include "net/address.h"

namespace dns {
namespace {

constexpr size_t servers_max = 3;  // resolv.conf(5): MAXNS

}  // namespace

ScopedServers ScopedServers::read(std::string_view resolv_conf) {
  ScopedServers servers;
  std::istringstream lines{std::string(resolv_conf)};
  size_t count = 0;
  for (std::string line; std::getline(lines, line) && count < servers_max;) {
    std::istringstream words(line);
    std::string keyword, server;
    if (!(words >> keyword >> server) || keyword != "nameserver") continue;
    const size_t percent = server.find('%');
    const auto address = net::Address::parse(server.substr(0, percent), 0);
    if (!address) continue;
    if (percent != std::string::npos)
      if (const uint32_t index = if_nametoindex(server.c_str() + percent + 1); index != 0)
        servers.interfaces[address->host()] = index;
    servers.addresses += (count++ == 0 ? "" : ",") + address->host();
  }
  if (servers.interfaces.empty()) servers.addresses.clear();
  return servers;
}

}  // namespace dns
