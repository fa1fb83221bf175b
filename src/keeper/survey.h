#pragma once

#include <cstdint>
#include <vector>

#include "keeper/journal.h"
#include "keeper/recovery.h"
#include "net/listening.h"

namespace keeper {

/// The numbers of all descriptors that are open, in their order; empty if /proc does not say.
std::vector<int> open_descriptors();
/// Those that are not among `others`.
std::vector<int> open_besides(const std::vector<int>& others);

/// SO_COOKIE of a socket; 0: it has none.
uint64_t cookie_of(int descriptor);

/// Those TCP connections on which nothing was read or sent.
std::vector<int> unheard_among(const std::vector<int>& descriptors);

/// What the kernel says about those of the descriptors that are TCP sockets, in their order.
/// `records` say which of them have names, and `listeners` which are clients.
std::vector<SocketFacts> survey(const std::vector<Records::Numbered>& records,
                                const std::vector<int>& descriptors,
                                const std::vector<net::ListeningSocket>& listeners);

/// Looks at all descriptors that a dead server has left, and closes those that no server can use.
/// `kept` stay as they are. `listeners` are EPMD's. It is called before anything else is opened.
Survivors take_over(Journal& journal, const std::vector<int>& kept,
                    const std::vector<net::ListeningSocket>& listeners);

/// Closes all descriptors but `kept`, and with them the connections of all names.
void let_go(const std::vector<int>& kept);

}  // namespace keeper
