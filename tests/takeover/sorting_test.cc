#include "takeover/sorting.h"

#include "catch.h"

using takeover::DumpedName;
using takeover::SocketFacts;
using takeover::Sorted;
using Sockets = std::vector<SocketFacts>;

namespace {

constexpr uint16_t epmd_port = 4369;

SocketFacts socket_of(int descriptor, uint64_t bytes_read, uint64_t bytes_sent) {
  const auto cookie = static_cast<uint64_t>(descriptor) + 1000;
  return {descriptor, cookie, false, epmd_port, bytes_read, bytes_sent};
}

SocketFacts registered(int descriptor) { return socket_of(descriptor, 20, 6); }

SocketFacts listening(int descriptor) {
  SocketFacts socket = socket_of(descriptor, 0, 0);
  socket.is_listening = true;
  return socket;
}

DumpedName name_on(int descriptor) { return {"n" + std::to_string(descriptor), 1, descriptor}; }

Sorted sorted(const Sockets& before, const std::vector<DumpedName>& dumped, const Sockets& after) {
  return sort_out(before, dumped, after, {epmd_port});
}

bool is_doubted(const Sockets& before, const std::vector<DumpedName>& dumped,
                const Sockets& after) {
  return !sorted(before, dumped, after).doubt.empty();
}

}  // namespace

TEST_CASE("each name finds its socket, the oldest first") {
  const Sockets sockets = {registered(8), listening(3), registered(7)};
  const Sorted found = sorted(sockets, {name_on(7), name_on(8)}, sockets);
  CHECK(found.doubt.empty());
  REQUIRE(found.names.size() == 2);
  CHECK(found.names[0].socket == 0);
  CHECK(found.names[0].dumped == 1);
  CHECK(found.names[1].socket == 2);
  CHECK(found.names[1].dumped == 0);
  CHECK(found.listeners == std::vector<size_t>{1});
}

TEST_CASE("clients that were not heard, were half heard, or refused are told apart") {
  const Sockets sockets = {socket_of(7, 0, 0), socket_of(8, 2, 0), socket_of(9, 20, 6),
                           socket_of(10, 20, 4)};
  const Sorted found = sorted(sockets, {}, sockets);
  CHECK(found.doubt.empty());
  CHECK(found.unheard == std::vector<size_t>{0});
  CHECK(found.half_heard == std::vector<size_t>{1});
  CHECK(found.refused == std::vector<size_t>{2, 3});
}

TEST_CASE("a client that has just connected can be served") {
  const Sorted found = sorted({}, {}, {socket_of(7, 0, 0)});
  CHECK(found.doubt.empty());
  CHECK(found.unheard == std::vector<size_t>{0});
}

TEST_CASE("a name whose socket is gone or another one is in doubt") {
  const Sockets before = {registered(7)};
  CHECK(is_doubted(before, {name_on(7)}, {}));
  CHECK(is_doubted({}, {name_on(7)}, before));
  SocketFacts other = registered(7);
  other.cookie = 5;
  CHECK(is_doubted(before, {name_on(7)}, {other}));
}

TEST_CASE("a name on a socket that was not answered, or listens, is in doubt") {
  const Sockets unanswered = {socket_of(7, 20, 0)};
  CHECK(is_doubted(unanswered, {name_on(7)}, unanswered));
  CHECK(is_doubted({listening(7)}, {name_on(7)}, {listening(7)}));
}

TEST_CASE("two names on one socket are in doubt") {
  const Sockets sockets = {registered(7)};
  CHECK(is_doubted(sockets, {name_on(7), {"other", 2, 7}}, sockets));
}

TEST_CASE(
    "whoever was answered, or asked, since the first look may be a node that has registered") {
  CHECK(is_doubted({}, {}, {registered(7)}));
  CHECK(is_doubted({socket_of(7, 0, 0)}, {}, {registered(7)}));
  CHECK(is_doubted({socket_of(7, 0, 0)}, {}, {socket_of(7, 20, 0)}));
  CHECK(is_doubted({socket_of(7, 2, 0)}, {}, {socket_of(7, 20, 0)}));
}

TEST_CASE("a list that is being sent is in doubt") {
  const Sockets sockets = {socket_of(7, 3, 5000)};
  CHECK(is_doubted(sockets, {}, sockets));
}

TEST_CASE("of other ports the listening sockets count, and not the clients") {
  SocketFacts http = socket_of(7, 100, 5000);
  http.port_no = 9370;
  SocketFacts listens = listening(4);
  listens.port_no = 9370;
  const Sorted found = sorted({http, listens}, {}, {http, listens});
  CHECK(found.doubt.empty());
  CHECK(found.listeners.empty());
  CHECK(found.other_listeners == std::vector<size_t>{1});
  CHECK(found.unheard.empty());
  CHECK(found.refused.empty());
}
