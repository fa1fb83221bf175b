#include "epmd/names.h"

#include <fmt/core.h>

#include <algorithm>

#include "commands/commands.h"
#include "commands/places.h"
#include "epmd/alive_name.h"
#include "epmd/message.h"
#include "terminal/failure.h"
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

base::Result<epmd::NamesReader> read_names(net::BlockingClient& client) {
  if (const auto sent = client.send(epmd::encode_request(epmd::Opcode::names_req)); !sent)
    return sent.error();
  epmd::NamesReader reader;
  while (true) {
    const auto bytes = client.receive();
    if (!bytes) return bytes.error();
    if (!bytes->empty() && reader.receive(*bytes)) continue;
    if (!reader.is_whole()) return not_names(client);
    return reader;
  }
}

base::Result<epmd::NamesReader> ask_names(const Place& place, const options::Asking& asking) {
  auto client = connect_to(place, asking);
  if (!client) return client.error();
  return read_names(*client);
}

/// The names that can be read are shown all the same.
void tell_unreadable(const Place& place, size_t count) {
  if (count > 0)
    terminal::warn("names",
                   fmt::format("{}: {} lines of its list cannot be read and are left out; an alive "
                               "name there has a line feed in it, perhaps",
                               place.to_string(), count));
}

std::string to_text(const Place& place, const epmd::NamesReader& reader) {
  std::string text;
  for (const epmd::ListedName& listed : reader.names())
    text += fmt::format("{}\t{}\t{}\n", epmd::escape_name(listed.alive_name), listed.port_no,
                        place.to_string());
  return text;
}

std::string to_json(const Place& place, const epmd::NamesReader& reader) {
  outputs::Json object = to_json(place);
  object["names"] = outputs::Json::array();
  for (const epmd::ListedName& listed : reader.names())
    object["names"].push_back({{"name", listed.alive_name}, {"port", listed.port_no}});
  if (reader.unreadable() > 0) object["unreadable_lines"] = reader.unreadable();
  return outputs::one_line(object) + '\n';
}

int ask_and_print(const Place& place, const options::Asking& asking) {
  const auto reader = ask_names(place, asking);
  if (!reader)
    return terminal::fail("names", asking.output, terminal::failure_of(reader.error()),
                          to_json(place));
  const bool is_json = asking.output == options::Output::json;
  const bool is_printed =
      terminal::print(is_json ? to_json(place, *reader) : to_text(place, *reader));
  if (is_printed) tell_unreadable(place, reader->unreadable());
  return terminal::finish("names", is_printed);
}

}  // namespace

int names(const options::Names& names) {
  int status = 0;
  for (const Endpoint& endpoint : names.endpoints) {
    const auto places = places_of(endpoint);
    if (!places)
      status = terminal::fail("names", names.asking.output, terminal::failure_of(places.error()),
                              to_json(endpoint));
    else
      for (const Place& place : *places)
        status = std::max(status, ask_and_print(place, names.asking));
  }
  return status;
}

}  // namespace commands
