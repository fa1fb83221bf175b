#include "server/exchange.h"

#include <memory>
#include <string>
#include <vector>

#include "catch.h"
#include "fake_daemon.h"
#include "net/sockets.h"
#include "requests.h"

using namespace std::string_literals;
using epmd::EventKind;
using server::Exchange;
using Progress = server::Exchange::Progress;

namespace {

/// An exchange with both ends of its connection in hand.
struct Fixture {
  explicit Fixture(FakeDaemon& daemon)
      : exchange(std::make_unique<Exchange>(std::move(pair.near), daemon.service,
                                            epmd::Peer{true, true, pair.near.get()})) {}

  /// Over loopback what was sent is there at once.
  Progress after(std::string_view bytes) {
    pair.far.send(bytes);
    return exchange->advance();
  }
  std::string received() {
    pair.far.read();
    return pair.far.received;
  }
  void end() { exchange.reset(); }
  void fill_send_buffer() const {
    const std::string bytes(size_t{1} << 20, '.');
    for (const size_t size : {bytes.size(), size_t{1}})  // the last segment takes single bytes
      while (::send(exchange->descriptor(), bytes.data(), size, MSG_DONTWAIT) > 0) {
      }
  }

  Pair pair = {};
  std::unique_ptr<Exchange> exchange;
};

/// So many names that no send buffer takes a NAMES_RESP.
struct Crowd {
  explicit Crowd(FakeDaemon& daemon) {
    const std::string name = characters(250, "\xf0\x9f\x90\x98");
    for (uint16_t i = 0; i < 10000; ++i)
      names.push_back(daemon.registry.add(node_named(name + std::to_string(i)), 3));
  }
  std::vector<epmd::Registration> names = {};
};

}  // namespace

TEST_CASE("a look-up is over after one advance, and its reply is followed by the end") {
  FakeDaemon daemon;
  Fixture it(daemon);
  CHECK(it.after(port_please2_req("nobody")) == Progress::finished);
  it.end();
  CHECK(it.received() == "w\x01"s);
  CHECK(it.pair.far.is_finished);
  CHECK(daemon.event_sink.count(EventKind::connection_closed) == 1);
}

TEST_CASE("an exchange with nothing to read waits") {
  FakeDaemon daemon;
  Fixture it(daemon);
  CHECK(it.exchange->advance() == Progress::wants_read);
  CHECK(it.after("\0"s) == Progress::wants_read);
  CHECK(it.exchange->advance() == Progress::wants_read);
  CHECK(it.after("\x01"s) == Progress::wants_read);
  CHECK(it.after("n"s) == Progress::finished);
  CHECK(it.received() == "\0\0\x11\x11"s);
}

TEST_CASE("what was read and written is recorded with its bytes") {
  FakeDaemon daemon;
  Fixture it(daemon);
  it.after(names_req());
  CHECK(daemon.event_sink.last(EventKind::bytes_read).text == "\0\x01n"s);
  CHECK(daemon.event_sink.last(EventKind::bytes_written).text == "\0\0\x11\x11"s);
}

TEST_CASE("a request that is refused in silence is over without a byte") {
  FakeDaemon daemon;
  Fixture it(daemon);
  CHECK(it.after("\0\x01?"s) == Progress::finished);
  it.end();
  CHECK(it.received().empty());
  CHECK(it.pair.far.is_finished);
}

TEST_CASE("no more is read than the request needs") {
  FakeDaemon daemon;
  Fixture it(daemon);
  CHECK(it.after("\0\x01"s) == Progress::wants_read);
  CHECK(it.after("n and more") == Progress::finished);
  CHECK(daemon.event_sink.last(EventKind::bytes_read).text == "n");
  CHECK(it.received() == "\0\0\x11\x11"s);
  it.end();
  it.pair.far.read();
  CHECK(it.pair.far.is_broken);  // as with the reference: the rest was not read
}

TEST_CASE("a peer that ends in the middle of its request is let go") {
  FakeDaemon daemon;
  Fixture it(daemon);
  it.pair.far.send("\0\x09z"s);
  it.pair.far.close();
  CHECK(it.exchange->advance() == Progress::wants_read);
  CHECK(it.exchange->advance() == Progress::finished);
  CHECK(daemon.event_sink.last(EventKind::partial_packet).number == 3);
}

TEST_CASE("a peer that breaks off is let go") {
  FakeDaemon daemon;
  Fixture it(daemon);
  it.pair.far.reset();
  CHECK(it.exchange->advance() == Progress::finished);
  CHECK(daemon.event_sink.last(EventKind::read_failed).number == ECONNRESET);
}

TEST_CASE("a peer that has half closed gets its reply") {
  FakeDaemon daemon;
  Fixture it(daemon);
  it.pair.far.send(names_req());
  it.pair.far.half_close();
  CHECK(it.exchange->advance() == Progress::finished);
  it.end();
  CHECK(it.received() == "\0\0\x11\x11"s);
}

TEST_CASE("a registration is kept until its peer ends") {
  FakeDaemon daemon;
  Fixture it(daemon);
  CHECK(it.after(alive2_req("web")) == Progress::kept);
  CHECK(it.received() == "v\0\0\0\x03\xe8"s);
  CHECK(it.exchange->advance() == Progress::kept);
  CHECK(daemon.registry.find("web"));
  it.pair.far.close();
  CHECK(it.exchange->advance() == Progress::finished);
  it.end();
  CHECK_FALSE(daemon.registry.find("web"));
}

TEST_CASE("a registration ends with any byte") {
  FakeDaemon daemon;
  Fixture it(daemon);
  it.after(alive2_req("web"));
  CHECK(it.after("?") == Progress::finished);
  CHECK(daemon.event_sink.last(EventKind::data_after_registration).number == 1);
}

TEST_CASE("KILL asks for the end of the daemon") {
  FakeDaemon daemon;
  Fixture it(daemon);
  CHECK(it.after(kill_req()) == Progress::shut_down);
  it.end();
  CHECK(it.received() == "OK");
  CHECK(it.pair.far.is_finished);
}

TEST_CASE("KILL is obeyed though its client is gone before the reply") {
  FakeDaemon daemon;
  Fixture it(daemon);
  it.pair.far.send(kill_req());
  it.pair.far.reset();
  CHECK(it.exchange->advance() == Progress::shut_down);
  CHECK(daemon.event_sink.count(EventKind::write_failed) == 1);
  CHECK(daemon.event_sink.count(EventKind::killed) == 1);
}

TEST_CASE("KILL is obeyed though its reply cannot be sent now") {
  FakeDaemon daemon;
  Fixture it(daemon);
  it.pair.far.send(kill_req());
  it.fill_send_buffer();
  CHECK(it.exchange->advance() == Progress::shut_down);
  CHECK(it.exchange->bytes_unsent() == 2);
}

TEST_CASE("STOP is obeyed though its client is gone before the reply") {
  FakeDaemon daemon;
  daemon.service.relaxed_command_check = true;
  FakeConnection node(daemon);
  node.receive(alive2_req("web"));
  Fixture it(daemon);
  it.pair.far.send(stop_req("web"));
  it.pair.far.reset();
  CHECK(it.exchange->advance() == Progress::finished);
  CHECK(node.was_told);
  CHECK_FALSE(daemon.registry.find("web"));
}

TEST_CASE("a registration whose client is gone before the reply does not last") {
  FakeDaemon daemon;
  Fixture it(daemon);
  it.pair.far.send(alive2_req("web"));
  it.pair.far.reset();
  CHECK(it.exchange->advance() == Progress::finished);
  it.end();
  CHECK_FALSE(daemon.registry.find("web"));
}

TEST_CASE("a reply that does not fit waits for its reader, and arrives whole") {
  FakeDaemon daemon;
  const Crowd crowd(daemon);
  Fixture it(daemon);
  const std::string expected = *daemon.listing.names_resp();
  Progress progress = it.after(names_req());
  REQUIRE(progress == Progress::wants_write);
  CHECK(it.exchange->bytes_unsent() > 0);
  CHECK(it.exchange->bytes_unsent() < expected.size());
  size_t before = it.exchange->bytes_unsent();
  while (progress == Progress::wants_write) {
    it.pair.far.read();
    progress = it.exchange->advance();
    REQUIRE(it.exchange->bytes_unsent() <= before);
    before = it.exchange->bytes_unsent();
  }
  CHECK(progress == Progress::finished);
  CHECK(it.exchange->bytes_unsent() == 0);
  it.end();
  CHECK(it.received() == expected);
}

TEST_CASE("a reply goes on as it was, though the names have changed since") {
  FakeDaemon daemon;
  Crowd crowd(daemon);
  Fixture it(daemon);
  const std::string expected = *daemon.listing.names_resp();
  Progress progress = it.after(names_req());
  crowd.names.clear();
  CHECK(daemon.listing.names_resp()->size() == 4);
  while (progress == Progress::wants_write) {
    it.pair.far.read();
    progress = it.exchange->advance();
  }
  CHECK(it.received() == expected);
}

TEST_CASE("a reader that breaks off in the middle of its reply is let go") {
  FakeDaemon daemon;
  const Crowd crowd(daemon);
  Fixture it(daemon);
  REQUIRE(it.after(names_req()) == Progress::wants_write);
  it.pair.far.reset();
  CHECK(it.exchange->advance() == Progress::finished);
  CHECK(daemon.event_sink.count(EventKind::write_failed) == 1);
}

TEST_CASE("a failed reply to a duplicate leaves the owner its name") {
  FakeDaemon daemon;
  FakeConnection owner(daemon);
  owner.receive(alive2_req("web"));
  Fixture it(daemon);
  it.pair.far.send(alive2_req("web"));
  it.exchange->advance();
  it.pair.far.reset();
  CHECK(it.exchange->advance() == Progress::finished);
  it.end();
  CHECK(daemon.registry.find("web"));
}

TEST_CASE("a peer has ended when it has closed, broken off, or sent what nobody has read") {
  FakeDaemon daemon;
  Fixture it(daemon);
  it.after(alive2_req("web"));
  CHECK_FALSE(it.exchange->peer_has_ended());
  SECTION("closed") { it.pair.far.close(); }
  SECTION("half closed") { it.pair.far.half_close(); }
  SECTION("broken off") { it.pair.far.reset(); }
  SECTION("sent a byte") { it.pair.far.send("?"); }
  CHECK(it.exchange->peer_has_ended());
  CHECK(it.exchange->peer_has_ended());  // asking reads nothing
}

TEST_CASE("an exchange that was moved goes on elsewhere, and is closed once") {
  FakeDaemon daemon;
  Fixture it(daemon);
  it.after(alive2_req("web"));
  {
    Exchange moved(std::move(*it.exchange));
    it.end();
    CHECK(daemon.registry.find("web"));
    CHECK_FALSE(daemon.event_sink.has(EventKind::connection_closed));
    CHECK(moved.advance() == Progress::kept);
  }
  CHECK_FALSE(daemon.registry.find("web"));
  CHECK(daemon.event_sink.count(EventKind::connection_closed) == 1);
}

TEST_CASE("the request that is answered is in the slot, with the size of its reply") {
  FakeDaemon daemon;
  epmd::RequestSlot slot;
  daemon.service.slot = &slot;
  Fixture it(daemon);
  CHECK(it.after(port_please2_req("nobody")) == Progress::finished);
  CHECK(slot.descriptor == it.exchange->descriptor());
  CHECK(slot.reply_bytes == 2);
  CHECK(std::string(slot.bytes.data(), 9) == port_please2_req("nobody"));
}

TEST_CASE("a request in parts is whole in the slot") {
  FakeDaemon daemon;
  epmd::RequestSlot slot;
  daemon.service.slot = &slot;
  Fixture it(daemon);
  CHECK(it.after("\0"s) == Progress::wants_read);
  CHECK(slot.descriptor == it.exchange->descriptor());
  CHECK(it.after("\1n"s) == Progress::finished);
  CHECK(slot.descriptor == it.exchange->descriptor());
  CHECK(std::string(slot.bytes.data(), 3) == names_req());
}

TEST_CASE("what a registered node sends is not in the slot") {
  FakeDaemon daemon;
  epmd::RequestSlot slot;
  daemon.service.slot = &slot;
  Fixture it(daemon);
  CHECK(it.after(alive2_req("web")) == Progress::kept);
  slot = {};
  CHECK(it.after(names_req()) == Progress::finished);
  CHECK(slot.descriptor == -1);
  CHECK(slot.reply_bytes == 0);
  CHECK(slot.bytes[2] == 0);
}

TEST_CASE("a request that another server has read is answered without reading") {
  FakeDaemon daemon;
  Fixture it(daemon);
  CHECK(it.exchange->repeat(port_please2_req("nobody")) == Progress::finished);
  it.end();
  CHECK(it.received() == "w\x01"s);
}

TEST_CASE("a part of a request that another server has read is gone on with") {
  FakeDaemon daemon;
  Fixture it(daemon);
  CHECK(it.exchange->repeat("\0\1"s) == Progress::wants_read);
  CHECK(it.after("n"s) == Progress::finished);
  CHECK(it.received() == "\0\0\x11\x11"s);
}

TEST_CASE("a restored registration lives as long as its peer") {
  FakeDaemon daemon;
  Pair pair;
  const int descriptor = pair.near.get();
  auto restored = daemon.registry.restore(node_named("web"), descriptor, 77);
  epmd::Session session(daemon.service, {.descriptor = descriptor}, std::move(restored));
  auto exchange =
      std::make_unique<Exchange>(std::move(pair.near), daemon.service, std::move(session));
  CHECK(exchange->advance() == Progress::kept);
  CHECK(daemon.registry.find("web"));
  pair.far.send("x");
  CHECK(exchange->advance() == Progress::finished);
  exchange.reset();
  CHECK_FALSE(daemon.registry.find("web"));
}
