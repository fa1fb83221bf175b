#include "epmd/names.h"

#include <fmt/core.h>

#include "base/host_port.h"
#include "commands/commands.h"
#include "epmd/alive_name.h"
#include "epmd/message.h"
#include "outputs/member_json.h"
#include "terminal/ask.h"
#include "terminal/print.h"

namespace commands {
namespace {

using options::Endpoint;

base::Error not_names(const net::BlockingClient& client) {
  return {
      fmt::format("{} did not answer as an EPMD does; does something else use that port, or "
                  "is this host not allowed to ask?",
                  client.address().to_string())};
}

base::Result<epmd::NamesReader> ask_names(const Endpoint& endpoint, const options::Asking& asking) {
  auto client = terminal::connect_to(endpoint, terminal::deadline_of(asking));
  if (!client) return client.error();
  if (const auto sent = client->send(epmd::encode_request(epmd::Opcode::names_req)); !sent)
    return sent.error();
  epmd::NamesReader reader;
  while (true) {
    const auto bytes = client->receive();
    if (!bytes) return bytes.error();
    if (!bytes->empty() && reader.receive(*bytes)) continue;
    if (!reader.is_whole()) return not_names(*client);
    return reader;
  }
}

/// The names that can be read are shown all the same.
void tell_unreadable(const Endpoint& endpoint, size_t count) {
  if (count > 0)
    terminal::warn("names",
                   fmt::format("{}: {} lines of its list cannot be read and are left out; an alive "
                               "name there has a line feed in it, perhaps",
                               base::join_host_port(endpoint.host, endpoint.port), count));
}

std::string to_text(const Endpoint& endpoint, const epmd::NamesReader& reader) {
  std::string text;
  for (const epmd::ListedName& listed : reader.names())
    text += fmt::format("{}\t{}\t{}\n", epmd::escape_name(listed.alive_name), listed.port_no,
                        base::join_host_port(endpoint.host, endpoint.port));
  return text;
}

std::string to_json(const Endpoint& endpoint, const epmd::NamesReader& reader) {
  outputs::Json object = {
      {"host", endpoint.host}, {"port", endpoint.port}, {"names", outputs::Json::array()}};
  for (const epmd::ListedName& listed : reader.names())
    object["names"].push_back({{"name", listed.alive_name}, {"port", listed.port_no}});
  if (reader.unreadable() > 0) object["unreadable_lines"] = reader.unreadable();
  return outputs::one_line(object) + '\n';
}

}  // namespace

int names(const options::Names& names) {
  int status = 0;
  for (const Endpoint& endpoint : names.endpoints) {
    const auto reader = ask_names(endpoint, names.asking);
    if (!reader) {
      status = terminal::fail("names", reader.error().message);
      continue;
    }
    const bool is_json = names.asking.output == options::Output::json;
    if (!terminal::print(is_json ? to_json(endpoint, *reader) : to_text(endpoint, *reader)))
      return terminal::fail("names", terminal::cannot_print);
    tell_unreadable(endpoint, reader->unreadable());
  }
  return status;
}

}  // namespace commands
