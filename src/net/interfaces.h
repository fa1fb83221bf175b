#pragma once

#include <string>
#include <vector>

namespace net {

/// The addresses of this host's interfaces as inet_ntop writes them, loopback first. Link-local
/// IPv6 addresses are left out: nobody can be reached by one without naming an interface.
std::vector<std::string> interface_addresses();

/// What this host calls itself; empty if it has no name.
std::string host_name();

}  // namespace net
