#include "takeover/questions.h"

#include <fmt/core.h>

#include "epmd/alive_name.h"
#include "epmd/names.h"
#include "net/blocking_client.h"

namespace takeover {
namespace {

/// More than a list of a million names.
constexpr size_t answer_bytes_max = size_t{256} << 20;

base::Result<std::string> ask(const net::Address& epmd, const std::string& request) {
  const auto deadline = std::chrono::steady_clock::now() + answer_timeout;
  auto client = net::BlockingClient::connect(epmd, deadline);
  if (!client) return client.error();
  if (const auto sent = client->send(request); !sent) return sent.error();
  return client->receive_at_most(answer_bytes_max);
}

}  // namespace

net::Address reachable(net::Address address) {
  if (!address.is_wildcard()) return address;
  return *net::Address::parse(address.family() == AF_INET ? "127.0.0.1" : "::1", address.port());
}

bool is_epmd_at(const net::Address& address) {
  const auto answer = ask(address, epmd::encode_request(epmd::Opcode::names_req));
  epmd::NamesReader reader;
  return answer && reader.receive(*answer) && reader.is_whole();
}

base::Result<std::vector<DumpedName>> ask_dump(const net::Address& epmd) {
  const auto answer = ask(epmd, epmd::encode_request(epmd::Opcode::dump_req));
  if (!answer) return answer.error();
  const auto names = read_dump(*answer);
  if (names) return *names;
  return base::Error{fmt::format("{} does not tell the names it has (DUMP_REQ)", epmd.to_string())};
}

base::Result<epmd::Node> ask_node(const net::Address& epmd, const DumpedName& name) {
  const auto answer =
      ask(epmd, epmd::encode_request(epmd::Opcode::port_please2_req, name.alive_name));
  if (!answer) return answer.error();
  bool is_known = false;
  epmd::Node node;
  const bool is_whole = epmd::parse_port2_resp(*answer, is_known, node);
  if (is_whole && is_known && node.alive_name == name.alive_name && node.port_no == name.port_no)
    return node;
  return base::Error{fmt::format("{} does not tell the fields of '{}'", epmd.to_string(),
                                 epmd::escape_name(name.alive_name))};
}

}  // namespace takeover
