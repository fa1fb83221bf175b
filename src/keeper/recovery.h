#pragma once

#include <cstdint>
#include <vector>

#include "epmd/request_slot.h"
#include "keeper/records.h"

namespace keeper {

/// What the kernel says about a socket that a dead server has left.
struct SocketFacts {
  int descriptor = -1;
  uint64_t cookie = 0;
  /// It was accepted on a socket that EPMD listens on.
  bool is_client = false;
  /// Its peer has closed or has sent more, or the connection has failed.
  bool has_ended = false;
  uint64_t bytes_read = 0;  // by the dead server
  uint64_t bytes_sent = 0;  // by it: what the kernel took
};

/// What becomes of a socket.
enum class Fate {
  keep,    // its name stays
  repeat,  // its request is answered by this server
  serve,   // as if it had just been accepted
  close,
  reset,  // a part of an answer was sent, which its peer shall not take for the whole
};

/// `request` is the one that the dead server had.
Fate fate_of(const SocketFacts& socket, bool has_record, const epmd::RequestSlot& request);

/// What the next server begins with.
struct Survivors {
  struct Name {
    int descriptor = -1;
    Records::Numbered record = {};
  };
  /// In the order in which they were registered.
  std::vector<Name> names = {};
  /// The connection whose request is in the memory, and is answered first; -1: there is none.
  int repeated = -1;
  size_t bytes_repeated = 0;
  std::vector<int> served = {};
  std::vector<int> closed = {};
  std::vector<int> reset = {};
  /// Records of names that do not stay: nobody was answered, or the peer has ended meanwhile, or,
  /// which should not be, the socket is gone, or two records have one socket or name.
  std::vector<Records::Number> dropped = {};
  size_t names_ended = 0;
  size_t names_lost = 0;
};

/// The cookie of the name that was registered last; 0: there is none. A server answers a
/// registration before it does anything else, so that all other names have been answered.
uint64_t newest_of(const std::vector<Records::Numbered>& records);

Survivors sort_out(const std::vector<SocketFacts>& sockets, std::vector<Records::Numbered> records,
                   const epmd::RequestSlot& request);

}  // namespace keeper
