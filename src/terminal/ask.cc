#include "terminal/ask.h"

#include <fmt/core.h>

#include <cstdio>

#include "logging/log.h"

namespace terminal {
namespace {}  // namespace

base::Result<std::vector<net::Address>> addresses_of(const options::Endpoint& endpoint) {
  // Not left to the resolver: a container need not know the name.
  if (endpoint.host == "localhost")
    return std::vector{*net::Address::parse("127.0.0.1", endpoint.port),
                       *net::Address::parse("::1", endpoint.port)};
  return net::resolve(endpoint.host, endpoint.port);
}

base::Result<net::BlockingClient> connect_to_any(const std::vector<net::Address>& addresses,
                                                 net::BlockingClient::Deadline deadline) {
  base::Error first_error;
  for (const net::Address& address : addresses) {
    auto client = net::BlockingClient::connect(address, deadline);
    if (client) return client;
    if (first_error.message.empty()) first_error = client.error();
  }
  return first_error;
}

base::Result<net::BlockingClient> connect_to(const options::Endpoint& endpoint,
                                             net::BlockingClient::Deadline deadline) {
  const auto addresses = addresses_of(endpoint);
  if (!addresses) return addresses.error();
  return connect_to_epmd(*addresses, deadline);
}

base::Result<net::BlockingClient> connect_to_epmd(const std::vector<net::Address>& addresses,
                                                  net::BlockingClient::Deadline deadline) {
  auto client = connect_to_any(addresses, deadline);
  if (client) return client;
  base::Error error = client.error();
  error.message += "; is an EPMD running there?";
  return error;
}

base::Result<std::string> ask(net::BlockingClient& epmd, const std::string& request,
                              size_t reply_bytes_max) {
  if (const auto sent = epmd.send(request); !sent) return sent.error();
  auto reply = epmd.receive_at_most(reply_bytes_max);
  if (reply) return reply;
  base::Error error = reply.error();
  error.message += "; is it an EPMD, and does it run?";
  return error;
}

base::Result<std::string> ask(const options::Endpoint& endpoint, const std::string& request,
                              const options::Asking& asking) {
  auto client = connect_to(endpoint, deadline_of(asking));
  if (!client) return client.error();
  return ask(*client, request);
}

net::BlockingClient::Deadline deadline_of(const options::Asking& asking) {
  return std::chrono::steady_clock::now() + asking.timeout;
}

void warn(std::string_view command, std::string_view what) {
  // Not fmt::print, which throws where standard error is full.
  std::fputs(fmt::format("portolan {}: {}\n", command, what).c_str(), stderr);
}

int fail(std::string_view command, std::string_view why) {
  if (logging::is_json_on_standard_error())
    logging::error("failed", "portolan {}: {}", logging::field("command", command),
                   logging::field("reason", why));
  else
    warn(command, why);
  return 1;
}

}  // namespace terminal
