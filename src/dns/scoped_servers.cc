#include "dns/scoped_servers.h"

#include <net/if.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstring>
#include <sstream>

#include "net/address.h"

namespace dns {
namespace {

constexpr size_t servers_max = 3;  // resolv.conf(5): MAXNS

ares_socket_t open_socket(int family, int type, int protocol, void* /*servers*/) {
  return ::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
}

int close_socket(ares_socket_t descriptor, void* /*servers*/) { return ::close(descriptor); }

int connect_socket(ares_socket_t descriptor, const sockaddr* to, ares_socklen_t size,
                   void* servers) {
  if (to->sa_family != AF_INET6 || size < sizeof(sockaddr_in6))
    return ::connect(descriptor, to, size);
  sockaddr_storage storage = {};
  std::memcpy(&storage, to, size);
  const auto& interfaces = static_cast<const ScopedServers*>(servers)->interfaces;
  const auto found = interfaces.find(net::Address::from(storage).host());
  sockaddr_in6 scoped = {};
  std::memcpy(&scoped, to, sizeof scoped);
  if (found != interfaces.end()) scoped.sin6_scope_id = found->second;
  return ::connect(descriptor, reinterpret_cast<const sockaddr*>(&scoped), sizeof scoped);
}

ares_ssize_t receive(ares_socket_t descriptor, void* bytes, size_t size, int flags, sockaddr* from,
                     ares_socklen_t* from_size, void* /*servers*/) {
  return ::recvfrom(descriptor, bytes, size, flags, from, from_size);
}

ares_ssize_t send(ares_socket_t descriptor, const iovec* pieces, int count, void* /*servers*/) {
  return ::writev(descriptor, pieces, count);
}

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

int ScopedServers::use_for(ares_channel channel) const {
  static const ares_socket_functions functions = {open_socket, close_socket, connect_socket,
                                                  receive, send};
  ares_set_socket_functions(channel, &functions, const_cast<ScopedServers*>(this));
  return ares_set_servers_ports_csv(channel, addresses.c_str());
}

}  // namespace dns
