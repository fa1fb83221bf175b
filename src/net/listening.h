#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "event/descriptor.h"
#include "net/address.h"

namespace net {

/// A socket that listens, and where.
struct ListeningSocket {
  event::Descriptor descriptor = {};
  Address address = {};
};

/// Why an address cannot be listened on; each face of the program words it its own way.
struct ListenFault {
  enum class Step { socket, bind, listen };
  Step step = Step::socket;
  Address address = {};
  int error_number = 0;

  bool is_in_use() const;
};

/// What came of listening. With a fault there are no sockets; without one there may be none only
/// if every address was skipped.
struct Listening {
  std::vector<ListeningSocket> sockets = {};
  /// Implicit loopback addresses, and IPv6 where the host has none.
  std::vector<ListenFault> skipped = {};
  std::optional<ListenFault> fault = {};
};

/// Listens on every address of the plan. When the port is 0, all share the one that the first gets.
/// What listens there among those that were `handed` over is taken from them.
Listening listen_on(const std::vector<ListenAddress>& plan, std::vector<ListeningSocket>& handed);
Listening listen_on(const std::vector<ListenAddress>& plan);

/// Those of the descriptors that are TCP sockets, and listen.
std::vector<ListeningSocket> listening_among(const std::vector<int>& descriptors);

/// Whether accept(2) has failed for want of descriptors, or of memory for them.
bool is_out_of_descriptors(int error_number);

/// Whether somebody waits to be accepted.
bool is_waited_for(int listening);

/// The sockets that systemd hands over (LISTEN_FDS and LISTEN_PID, sd_listen_fds(3)), used as
/// they are. Empty if there are none for this process; an error if what is said of them is wrong.
base::Result<std::vector<ListeningSocket>> inherited_sockets();

}  // namespace net
