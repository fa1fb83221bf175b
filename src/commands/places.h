#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "options/options.h"
#include "outputs/member_json.h"
#include "terminal/ask.h"

namespace commands {

/// An EPMD, and the addresses at which to ask it: the first that takes a connection.
struct Place {
  options::Endpoint endpoint = {};
  std::vector<net::Address> addresses = {};
  /// Whether it is one of several behind a name, and is called by its address.
  bool is_one_of_many = false;

  std::string host() const { return is_one_of_many ? addresses.front().host() : endpoint.host; }
  /// HOST:PORT, or [IPV6]:PORT.
  std::string to_string() const;
};

/// Behind a network alias is an EPMD at each address. The two of localhost are one EPMD's. An error
/// says why the host does not resolve.
base::Result<std::vector<Place>> places_of(const options::Endpoint& endpoint);

base::Result<net::BlockingClient> connect_to(const Place& place, const options::Asking& asking);

/// Members of a JSON object that say which EPMD was asked.
outputs::Json to_json(const options::Endpoint& endpoint);
outputs::Json to_json(const Place& place);

}  // namespace commands
