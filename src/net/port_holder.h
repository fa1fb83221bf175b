#pragma once

#include <sys/types.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace net {

/// As /proc/PID/fd shows them: "socket:[123]", with the inode.
using SocketNames = std::set<std::string>;

/// Those of this network namespace that listen on a TCP port.
SocketNames listening_sockets(uint16_t port);

/// The processes that hold any of them, as far as /proc shows us their descriptors.
std::vector<pid_t> holders_of(const SocketNames& sockets);

/// "epmd (process 42)": who listens on a TCP port of this host, as far as /proc shows us. Empty if
/// it shows nobody, because that process is another user's, or in another container.
std::string port_holder(uint16_t port);

/// The words of the command line of that process. Empty if it is not known.
std::vector<std::string> holder_command_line(uint16_t port);

}  // namespace net
