#include "keeper/store.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <vector>

#include "catch.h"
#include "event/descriptor.h"

namespace {

/// Both ends, and a descriptor to send.
struct Pair {
  Pair() {
    std::array<int, 2> ends = {};
    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data());
    in = event::Descriptor(ends[0]);
    out = event::Descriptor(ends[1]);
  }
  keeper::StoredPair stored() const { return {in.get(), out.get()}; }

  event::Descriptor in = {};
  event::Descriptor out = {};
};

}  // namespace

TEST_CASE("all sockets are put into the store that fit before one that cannot be sent") {
  const Pair pair;
  std::vector<int> sockets(300, STDIN_FILENO);
  CHECK(keeper::put_into(pair.stored(), sockets) == 300);
  sockets.push_back(-1);
  sockets.push_back(STDIN_FILENO);
  CHECK(keeper::put_into(pair.stored(), sockets) == 300);
}

TEST_CASE("a store without room takes none, and does not wait") {
  const Pair pair;
  while (send(pair.in.get(), "x", 1, 0) == 1) continue;
  CHECK(keeper::put_into(pair.stored(), std::vector<int>{STDIN_FILENO}) == 0);
}
