#include "http/outgoing.h"

#include <sys/socket.h>

#include <array>
#include <string>

#include "catch.h"
#include "event/descriptor.h"

using http::HeldTexts;
using http::Outgoing;

namespace {

http::SharedText text(size_t size, char letter) {
  return std::make_shared<const std::string>(size, letter);
}

struct Pair {
  Pair() {
    std::array<int, 2> ends = {};
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0);
    near = event::Descriptor(ends[0]);
    far = event::Descriptor(ends[1]);
  }
  std::string read() const {
    std::string all;
    std::array<char, 65536> bytes = {};
    for (ssize_t got = 1; got > 0;) {
      got = recv(far.get(), bytes.data(), bytes.size(), 0);
      if (got > 0) all.append(bytes.data(), static_cast<size_t>(got));
    }
    return all;
  }
  event::Descriptor near = {};
  event::Descriptor far = {};
};

}  // namespace

TEST_CASE("texts go out in order, and in pieces as large as they may be") {
  const Pair pair;
  HeldTexts held;
  Outgoing outgoing(held);
  const size_t piece = GENERATE(size_t{1}, size_t{3}, size_t{1000});
  outgoing.add(std::string("head"));
  outgoing.add(text(5, 'a'));
  outgoing.add(std::string());
  for (int i = 0; i < 200; ++i) outgoing.add(text(1, 'b'));
  CHECK(outgoing.size() == 209);
  while (!outgoing.empty()) {
    const size_t before = outgoing.size();
    const ssize_t sent = outgoing.send(pair.near.get(), piece);
    REQUIRE(sent > 0);
    CHECK(static_cast<size_t>(sent) <= piece);
    CHECK(outgoing.size() + static_cast<size_t>(sent) == before);
  }
  CHECK(pair.read() == "headaaaaa" + std::string(200, 'b'));
}

TEST_CASE("a text that several send counts once, until the last has sent its last byte") {
  const Pair pair;
  HeldTexts held;
  const http::SharedText shared = text(1000, 'a');
  auto first = std::make_unique<Outgoing>(held);
  Outgoing second(held);
  first->add(shared);
  second.add(shared);
  second.add(shared);
  CHECK(held.bytes() == 1000);
  second.add(std::string(10, 'b'));
  CHECK(held.bytes() == 1010);
  CHECK(second.send(pair.near.get(), 1999) == 1999);
  CHECK(held.bytes() == 1010);
  CHECK(second.send(pair.near.get(), 6) == 6);
  CHECK(held.bytes() == 1010);  // the other one has it still
  first.reset();
  CHECK(held.bytes() == 10);
  CHECK(second.send(pair.near.get(), 100) == 5);
  CHECK(held.bytes() == 0);
}
