#include "keeper/byte_counts.h"

#include <unistd.h>

#include <array>

#include "catch.h"
#include "net/sockets.h"

TEST_CASE("the kernel counts what was sent and read, whatever the peer has taken") {
  Pair pair;
  const int near = pair.near.get();
  const auto counts = [near] { return *keeper::byte_counts(near); };
  CHECK(counts().sent == 0);
  CHECK(counts().read == 0);
  pair.far.send("request");
  CHECK(counts().read == 0);
  std::array<char, 3> bytes = {};
  REQUIRE(recv(near, bytes.data(), bytes.size(), 0) == 3);
  CHECK(counts().read == 3);
  REQUIRE(send(near, "answer", 6, MSG_MORE) == 6);  // not sent before the end
  CHECK(counts().sent == 6);
  pair.far.half_close();
  CHECK(counts().read == 3);
}

TEST_CASE("what is no TCP socket has no counts") { CHECK_FALSE(keeper::byte_counts(STDIN_FILENO)); }
