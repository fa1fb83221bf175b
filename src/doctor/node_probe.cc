#include "doctor/node_probe.h"

#include <cerrno>

#include "dist/handshake.h"
#include "epmd/message.h"
#include "net/interfaces.h"
#include "net/peer_user.h"
#include "probe/prober.h"
#include "terminal/ask.h"

namespace doctor {
namespace {

using discovery::Identification;
using dist::Handshake;

std::string place_of(const base::Result<net::BlockingClient>& client, const net::Address& asked) {
  return client ? client->address().to_string() : asked.to_string();
}

/// The next bytes; none, and how it ended, if it did.
std::string hear(net::BlockingClient& client, net::TcpExchange::End& end) {
  const auto bytes = client.receive();
  if (!bytes)
    end = bytes.error().number == ETIMEDOUT ? net::TcpExchange::End::silent
                                            : net::TcpExchange::End::closed;
  return bytes ? *bytes : std::string();
}

EpmdAnswer::Outcome outcome_of(const epmd::NamesReader& reader, net::TcpExchange::End end) {
  if (end == net::TcpExchange::End::silent) return EpmdAnswer::Outcome::silent;
  if (!reader.epmd_port_no()) return EpmdAnswer::Outcome::closed;
  return reader.is_whole() ? EpmdAnswer::Outcome::listed : EpmdAnswer::Outcome::nonsense;
}

}  // namespace

ConnectResult connect_result_of(const base::Result<net::BlockingClient>& client) {
  return connect_result_of(client ? 0 : client.error().number);
}

EpmdAnswer ask_epmd(base::Result<net::BlockingClient>& client) {
  if (!client) return {EpmdAnswer::Outcome::not_reached, connect_result_of(client), {}};
  epmd::NamesReader reader(probe::Prober::names_max);
  auto end = net::TcpExchange::End::closed;
  if (!client->send(epmd::encode_request(epmd::Opcode::names_req)))
    return {EpmdAnswer::Outcome::closed, {}, {}};
  for (std::string bytes = hear(*client, end); !bytes.empty(); bytes = hear(*client, end))
    if (!reader.receive(bytes)) return {EpmdAnswer::Outcome::nonsense, {}, {}};
  return {outcome_of(reader, end), {}, reader.names(), reader.unreadable()};
}

Identification ask_who(net::BlockingClient& client) {
  Handshake handshake;
  auto read_result = Handshake::ReadResult::read_on;
  auto end = net::TcpExchange::End::closed;
  const std::string own_name = dist::prober_name(net::host_name());
  if (!client.send(Handshake::hello(own_name, dist::flags::prober)))
    return {Identification::Outcome::closed, {}};
  while (read_result == Handshake::ReadResult::read_on) {
    const std::string bytes = hear(client, end);
    if (bytes.empty()) break;
    read_result = handshake.receive(bytes);
  }
  return {probe::outcome_of(handshake, read_result, end), handshake.challenge()};
}

LocalEpmd ask_local_epmd(uint16_t port_no, net::BlockingClient::Deadline deadline) {
  const auto addresses = *terminal::addresses_of({.port = port_no});
  auto client = terminal::connect_to_any(addresses, deadline);
  return {place_of(client, addresses.front()), ask_epmd(client)};
}

bool listens_at(const std::string& ip, uint16_t port_no, net::BlockingClient::Deadline deadline) {
  return bool(net::BlockingClient::connect(*net::Address::parse(ip, port_no), deadline));
}

NodeProbe visit_local_node(uint16_t port_no, net::BlockingClient::Deadline deadline) {
  std::vector<net::Address> addresses;
  for (const std::string& ip : net::interface_addresses())
    if (const auto address = net::Address::parse(ip, port_no)) addresses.push_back(*address);
  if (addresses.empty()) return {"?", connect_result_of(ENETUNREACH), {}};
  auto client = terminal::connect_to_any(addresses, deadline);
  NodeProbe node_probe = {place_of(client, addresses.front()), connect_result_of(client), {}};
  if (!client) return node_probe;
  node_probe.identification = ask_who(*client);
  if (const auto user = net::peer_user(client->descriptor())) node_probe.user = *user;
  return node_probe;
}

}  // namespace doctor
