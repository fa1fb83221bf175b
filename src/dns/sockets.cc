#include "dns/sockets.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstring>

#include "net/address.h"

namespace dns {
namespace {

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

/// Not by writev(2), as c-ares does: a nameserver that ends its connection would end the process.
ares_ssize_t send(ares_socket_t descriptor, const iovec* pieces, int count, void* /*servers*/) {
  msghdr message = {};
  message.msg_iov = const_cast<iovec*>(pieces);
  message.msg_iovlen = static_cast<size_t>(count);
  return ::sendmsg(descriptor, &message, MSG_NOSIGNAL);
}

}  // namespace

const ares_socket_functions socket_functions = {open_socket, close_socket, connect_socket, receive,
                                                send};

void use_our_sockets(ares_channel channel, const ScopedServers& servers) {
  ares_set_socket_functions(channel, &socket_functions, const_cast<ScopedServers*>(&servers));
}

}  // namespace dns
