#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "takeover/dump.h"

namespace takeover {

/// What the kernel says of a TCP socket of the old EPMD.
struct SocketFacts {
  /// The old process's descriptor.
  int descriptor = -1;
  uint64_t cookie = 0;
  bool is_listening = false;
  /// Of its own end.
  uint16_t port_no = 0;
  uint64_t bytes_read = 0;  // by the old process
  uint64_t bytes_sent = 0;  // by it: what the kernel took
  bool operator==(const SocketFacts&) const = default;
};

/// What the old EPMD's sockets are. The numbers are places in the list of sockets that was made
/// while it was stopped.
struct Sorted {
  struct Name {
    size_t socket = 0;
    size_t dumped = 0;  // place in the DUMP_RESP
  };
  /// The oldest first.
  std::vector<Name> names = {};
  std::vector<size_t> listeners = {};
  /// Those of other ports: a Portolan's, for HTTP.
  std::vector<size_t> other_listeners = {};
  /// Clients of which the old EPMD has read nothing: they can be served by another.
  std::vector<size_t> unheard = {};
  /// Clients of which it has read a part of a request, which is in its memory. Nothing has come
  /// since the first look.
  std::vector<size_t> half_heard = {};
  /// Clients whose registration was refused. Nothing is ever sent to them again.
  std::vector<size_t> refused = {};
  /// Why the list of names cannot be that of these sockets, or would lose an answer. Empty: it is.
  std::string doubt = {};
};

/// `before` are the sockets as they were before the DUMP_RESP, `after` those of the stopped
/// process. A socket never gets the cookie of another: a name whose descriptor has the same socket
/// before and after has had it all the time. `epmd_ports` are those that EPMD listens on; the
/// clients of other ports are left out.
Sorted sort_out(const std::vector<SocketFacts>& before, const std::vector<DumpedName>& dumped,
                const std::vector<SocketFacts>& after, const std::set<uint16_t>& epmd_ports);

}  // namespace takeover
