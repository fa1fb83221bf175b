#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "net/client.h"
#include "options.h"

namespace commands {

/// Connects to the EPMD at an endpoint, trying its host's addresses in turn.
base::Result<net::Client> connect_to(const options::Endpoint& endpoint,
                                     net::Client::Deadline deadline);

/// Sends a request to the EPMD at an endpoint and returns all that it answers before it closes.
base::Result<std::string> ask(const options::Endpoint& endpoint, const std::string& request,
                              const options::Asking& asking);

net::Client::Deadline deadline_of(const options::Asking& asking);

/// One line on standard error, in the name of the command; returns the exit status 1.
int fail(std::string_view command, std::string_view why);

}  // namespace commands
