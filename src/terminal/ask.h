#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/blocking_client.h"
#include "options/options.h"

namespace terminal {

/// The addresses of an EPMD's host; those of `localhost` without asking anybody.
base::Result<std::vector<net::Address>> addresses_of(const options::Endpoint& endpoint);

/// Connects to the first of some addresses that takes it; else the first one's error.
base::Result<net::BlockingClient> connect_to_any(const std::vector<net::Address>& addresses,
                                                 net::BlockingClient::Deadline deadline);

/// Connects to the EPMD at an endpoint, trying its host's addresses in turn.
base::Result<net::BlockingClient> connect_to(const options::Endpoint& endpoint,
                                             net::BlockingClient::Deadline deadline);

/// The same, of an EPMD with these addresses.
base::Result<net::BlockingClient> connect_to_epmd(const std::vector<net::Address>& addresses,
                                                  net::BlockingClient::Deadline deadline);

/// Sends a request to an EPMD and returns all that it answers before it closes, at most so much: by
/// default more than any PORT2_RESP, or answer to STOP_REQ or KILL_REQ.
base::Result<std::string> ask(net::BlockingClient& epmd, const std::string& request,
                              size_t reply_bytes_max = 8192);
/// The same, of the EPMD at an endpoint.
base::Result<std::string> ask(const options::Endpoint& endpoint, const std::string& request,
                              const options::Asking& asking);

net::BlockingClient::Deadline deadline_of(const options::Asking& asking);

/// One line on standard error, in the name of the command.
void warn(std::string_view command, std::string_view what);
/// The same, or a line of the log where that is JSON on standard error; returns the exit status 1.
int fail(std::string_view command, std::string_view why);

}  // namespace terminal
