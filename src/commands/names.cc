#include "epmd/names.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "base/host_port.h"
#include "commands/commands.h"
#include "epmd/alive_name.h"
#include "epmd/message.h"
#include "outputs/member_json.h"
#include "terminal/ask.h"
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

/// An EPMD, and the addresses at which to ask it: the first that takes a connection.
struct Place {
  Endpoint endpoint = {};
  std::vector<net::Address> addresses = {};
  /// Whether it is one of several behind a name, and is called by its address.
  bool is_one_of_many = false;

  std::string host() const { return is_one_of_many ? addresses.front().host() : endpoint.host; }
};

base::Result<epmd::NamesReader> ask_names(const Place& place, const options::Asking& asking) {
  auto client = terminal::connect_to_epmd(place.addresses, terminal::deadline_of(asking));
  if (!client) return client.error();
  return read_names(*client);
}

/// Behind a network alias is an EPMD at each address. The two of localhost are one EPMD's.
base::Result<std::vector<Place>> places_of(const Endpoint& endpoint) {
  auto addresses = terminal::addresses_of(endpoint);
  if (!addresses) return addresses.error();
  if (endpoint.host == "localhost" || addresses->size() == 1)
    return std::vector{Place{endpoint, *addresses, false}};
  std::vector<Place> places;
  std::set<std::string> seen;
  for (const net::Address& address : *addresses)
    if (seen.insert(address.to_string()).second) places.push_back({endpoint, {address}, true});
  for (Place& place : places) place.is_one_of_many = places.size() > 1;
  return places;
}

/// The names that can be read are shown all the same.
void tell_unreadable(const Place& place, size_t count) {
  if (count > 0)
    terminal::warn("names",
                   fmt::format("{}: {} lines of its list cannot be read and are left out; an alive "
                               "name there has a line feed in it, perhaps",
                               base::join_host_port(place.host(), place.endpoint.port), count));
}

std::string to_text(const Place& place, const epmd::NamesReader& reader) {
  std::string text;
  for (const epmd::ListedName& listed : reader.names())
    text += fmt::format("{}\t{}\t{}\n", epmd::escape_name(listed.alive_name), listed.port_no,
                        base::join_host_port(place.host(), place.endpoint.port));
  return text;
}

outputs::Json to_json(const Endpoint& endpoint) {
  return {{"host", endpoint.host}, {"port", endpoint.port}};
}

outputs::Json to_json(const Place& place) {
  outputs::Json object = to_json(place.endpoint);
  if (place.is_one_of_many) object["address"] = place.host();
  return object;
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
