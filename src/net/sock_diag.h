#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string_view>

#include "base/result.h"
#include "net/address.h"

namespace net {

/// A TCP socket that is connected: its own address, and that of the other end.
struct Ends {
  Address own = {};
  Address peer = {};
};

/// The users whose processes listen on TCP ports of this network namespace, by port.
using ListenerUsers = std::map<uint16_t, std::set<uid_t>>;

inline constexpr size_t ipv4_host_bytes = 4;
/// What stands before an IPv4 address in an IPv6 one (RFC 4291 2.5.5.2).
inline constexpr std::string_view ipv4_mapped_prefix("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);

/// The number of an error that says: there is no such socket.
extern const int no_such_socket;

/// What the kernel says when it is asked about sockets: NETLINK_SOCK_DIAG, sock_diag(7). It may
/// know nothing of this, or a filter of system calls may forbid to ask.
namespace sock_diag {

/// The user of the process that has the connected socket.
base::Result<uid_t> user_of(const Ends& ends);
base::Result<ListenerUsers> listeners();

}  // namespace sock_diag

/// What the kernel's tables of sockets say, proc_net(5). `folder` has them. A look-up reads all.
namespace socket_table {

inline constexpr const char* folder_default = "/proc/self/net";

base::Result<uid_t> user_of(const Ends& ends, const char* folder = folder_default);
base::Result<ListenerUsers> listeners(const char* folder = folder_default);
/// Whether an IPv6 socket listens on the port; it may take connections over IPv4, too.
base::Result<bool> listens_over_ipv6(uint16_t port, const char* folder = folder_default);

}  // namespace socket_table

/// For both: a socket that no process has any more is shown as root's, with inode 0; one that
/// listens is shown if there is none that is connected.
base::Result<uid_t> user_if_connected(unsigned state, uint64_t inode, uid_t user);
base::Error no_such_socket_error();
/// As the kernel keeps it: an IPv4 connection of a dual-stack socket is one of IPv4.
std::string_view kept_bytes(const Address& address);

}  // namespace net
