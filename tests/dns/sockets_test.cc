#include "dns/sockets.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "catch.h"
#include "event/descriptor.h"

TEST_CASE("a nameserver that has ended its connection ends nobody else") {
  std::array<int, 2> ends = {};
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
  const event::Descriptor ours(ends[0]);
  close(ends[1]);
  char byte = 0;
  const iovec piece = {&byte, 1};
  CHECK(dns::socket_functions.asendv(ours.get(), &piece, 1, nullptr) == -1);
  CHECK(errno == EPIPE);
}
