#include "doctor/node_probe.h"

#include <cerrno>

#include "dist/handshake.h"
#include "epmd/message.h"
#include "net/interfaces.h"
#include "net/peer_user.h"
#include "probe/prober.h"
#include "probe/who_question.h"
#include "terminal/ask.h"

namespace doctor {
namespace {

using discovery::Identification;

std::string place_of(const base::Result<net::BlockingClient>& client, const net::Address& asked) {
  return client ? client->address().to_string() : asked.to_string();
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
  NodeTalk talk(*client);
  if (!talk.say(epmd::encode_request(epmd::Opcode::names_req)))
    return {EpmdAnswer::Outcome::closed, {}, {}};
  for (std::string bytes = talk.hear(); !bytes.empty(); bytes = talk.hear())
    if (!reader.receive(bytes)) return {EpmdAnswer::Outcome::nonsense, {}, {}};
  return {outcome_of(reader, talk.end()), {}, reader.names(), reader.unreadable()};
}

Identification ask_who(net::BlockingClient& client, tls::Client* tls) {
  const auto session = tls::begin_session(tls, "");
  if (!session) return {Identification::Outcome::not_asked, {}, session.error().message};
  NodeTalk talk(client, *session);
  return ask_who(talk);
}

Identification ask_who(NodeTalk& talk) {
  probe::WhoQuestion question(talk.session());
  if (!talk.say(question.hello(dist::prober_name(net::host_name()))))
    return question.answer(net::TcpExchange::End::closed);
  for (std::string bytes = talk.hear(); !bytes.empty(); bytes = talk.hear())
    if (!question.receive(bytes)) break;
  return question.answer(talk.end());
}

LocalEpmd ask_local_epmd(uint16_t port_no, net::BlockingClient::Deadline deadline) {
  const auto addresses = *terminal::addresses_of({.port = port_no});
  auto client = terminal::connect_to_any(addresses, deadline);
  return {place_of(client, addresses.front()), ask_epmd(client)};
}

bool listens_at(const std::string& ip, uint16_t port_no, net::BlockingClient::Deadline deadline) {
  return bool(net::BlockingClient::connect(*net::Address::parse(ip, port_no), deadline));
}

NodeProbe visit_local_node(uint16_t port_no, net::BlockingClient::Deadline deadline,
                           tls::Client* tls) {
  std::vector<net::Address> addresses;
  for (const std::string& ip : net::interface_addresses())
    if (const auto address = net::Address::parse(ip, port_no)) addresses.push_back(*address);
  if (addresses.empty()) return {"?", connect_result_of(ENETUNREACH), {}};
  auto client = terminal::connect_to_any(addresses, deadline);
  NodeProbe node_probe = {place_of(client, addresses.front()), connect_result_of(client), {}};
  if (!client) return node_probe;
  node_probe.address = client->address();
  node_probe.identification = ask_who(*client, tls);
  if (const auto user = net::peer_user(client->descriptor())) node_probe.user = *user;
  return node_probe;
}

}  // namespace doctor
