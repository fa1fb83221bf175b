#pragma once

#include <ares.h>

#include "dns/scoped_servers.h"

namespace dns {

/// What c-ares does with sockets. Their last argument is a ScopedServers.
extern const ares_socket_functions socket_functions;

/// Has the channel do so, and ask servers behind an interface through it. `servers` outlive it.
void use_our_sockets(ares_channel channel, const ScopedServers& servers);

}  // namespace dns
