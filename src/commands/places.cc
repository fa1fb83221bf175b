#include "commands/places.h"

#include <set>

#include "base/host_port.h"

namespace commands {

using options::Endpoint;

std::string Place::to_string() const { return base::join_host_port(host(), endpoint.port); }

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

base::Result<net::BlockingClient> connect_to(const Place& place, const options::Asking& asking) {
  return terminal::connect_to_epmd(place.addresses, terminal::deadline_of(asking));
}

outputs::Json to_json(const Endpoint& endpoint) {
  return {{"host", endpoint.host}, {"port", endpoint.port}};
}

outputs::Json to_json(const Place& place) {
  outputs::Json object = to_json(place.endpoint);
  if (place.is_one_of_many) object["address"] = place.host();
  return object;
}

}  // namespace commands
