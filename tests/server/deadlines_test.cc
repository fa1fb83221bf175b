// Deadlines: how long a peer may take, and that it delays nobody else.

#include <string>

#include "catch.h"
#include "requests.h"
#include "server/live_daemon.h"
#include "server/server.h"
#include "server/server_peers.h"

using namespace std::chrono_literals;
using namespace std::string_literals;
using epmd::EventKind;
using server::Server;

namespace {

/// Sends one byte after the other, some time apart, until the peer's connection has ended or the
/// bytes have. Returns how long that took.
std::chrono::milliseconds drip(LiveDaemon& daemon, FakePeer& peer, std::string_view bytes,
                               std::chrono::milliseconds apart) {
  const auto begun = std::chrono::steady_clock::now();
  auto next_byte = begun;
  size_t sent = 0;
  daemon.serves_until([&] {
    if (std::chrono::steady_clock::now() >= next_byte && sent < bytes.size()) {
      peer.send(bytes.substr(sent++, 1));
      next_byte += apart;
    }
    peer.read();
    return peer.has_ended();
  });
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               begun);
}

}  // namespace

TEST_CASE("a client that pauses for less than the packet timeout is answered") {
  undisturbed([] {
    LiveDaemon daemon(with_timeout(200ms));
    FakePeer slow(daemon.address);
    const auto took = drip(daemon, slow, port_please2_req("nobody"), 40ms);
    if (daemon.event_sink.has(EventKind::timed_out))
      return false;  // as if it had paused for longer
    CHECK(took > 250ms);
    CHECK(slow.received == "w\x01"s);
    return true;
  });
}

TEST_CASE("bytes prolong a request for some packet timeouts, and not for ever") {
  undisturbed([] {
    Server::Policy policy = with_timeout(20ms);
    policy.limits.timeouts_max = 5;
    LiveDaemon daemon(policy);
    FakePeer slow(daemon.address);
    const std::string endless = "\x0b\xf1s"s + std::string(3000, '.');
    const auto took = drip(daemon, slow, endless, 2ms);
    if (took < 99ms) return false;
    CHECK(took < 5s);
    CHECK(slow.received.empty());
    CHECK(daemon.event_sink.count(EventKind::timed_out) == 1);
    CHECK(daemon.server->connections() == 0);
    return true;
  });
}

TEST_CASE("a pause may be longer than the packet timeout by the grace") {
  undisturbed([] {
    Server::Policy policy = with_timeout(20ms);
    policy.limits.grace = 40ms;
    LiveDaemon daemon(policy);
    FakePeer silent(daemon.address);
    REQUIRE(daemon.keeps(1));
    const auto begun = std::chrono::steady_clock::now();
    REQUIRE(daemon.ends(silent));
    return std::chrono::steady_clock::now() - begun > 55ms;
  });
}

TEST_CASE("each connection has its own time") {
  undisturbed([] {
    LiveDaemon daemon(with_timeout(60ms));
    FakePeer first(daemon.address);
    REQUIRE(daemon.keeps(1));
    const auto half_time = std::chrono::steady_clock::now() + 30ms;
    daemon.serves_until([&] { return std::chrono::steady_clock::now() > half_time; });
    FakePeer second(daemon.address);
    const auto second_came = std::chrono::steady_clock::now();
    REQUIRE(daemon.has(EventKind::connection_opened, 2));
    REQUIRE(daemon.ends(first));
    second.read();
    const bool has_second_ended = second.has_ended();
    if (std::chrono::steady_clock::now() - second_came > 58ms) return false;
    CHECK_FALSE(has_second_ended);
    CHECK(daemon.ends(second));
    CHECK(daemon.event_sink.count(EventKind::timed_out) == 2);
    return true;
  });
}

TEST_CASE("registered and refused connections have all the time they want") {
  undisturbed([] {
    LiveDaemon daemon(with_timeout(20ms));
    FakePeer web(daemon.address);
    FakePeer pieced(daemon.address);
    FakePeer duplicate(daemon.address);
    const auto is_late = [&] { return daemon.event_sink.count(EventKind::timed_out) > 0; };
    const bool was_quick =
        daemon.registers(web, alive2_req("web")) && (pieced.send("\0"s), true) &&
        daemon.serves_until(
            [&] { return is_late() || daemon.event_sink.count(EventKind::bytes_read) == 2; }) &&
        daemon.registers(pieced, alive2_req("pieced").substr(1)) &&
        (duplicate.send(alive2_req("web")), daemon.answers(duplicate, "v\x01\0\0\0\x63"s));
    if (is_late()) return false;
    REQUIRE(was_quick);
    for (size_t i = 1; i <= 3; ++i) {
      FakePeer canary(daemon.address);  // came last, and its time is over
      REQUIRE(daemon.ends(canary));
      CHECK(daemon.event_sink.count(EventKind::timed_out) == i);
    }
    CHECK(daemon.answers(web, web.received));
    CHECK(daemon.answers(pieced, pieced.received));
    CHECK(daemon.answers(duplicate, duplicate.received));
    CHECK(daemon.registry.alive().size() == 2);
    return true;
  });
}

TEST_CASE("nobody's deadline is waited for once the last connection that had one is gone") {
  LiveDaemon daemon;
  FakePeer web(daemon.address);
  REQUIRE(daemon.registers(web, alive2_req("web")));
  FakePeer silent(daemon.address);
  REQUIRE(daemon.keeps(2));
  CHECK(uv_backend_timeout(daemon.loop.get()) > 0);
  silent.close();
  REQUIRE(daemon.keeps(1));
  CHECK(uv_backend_timeout(daemon.loop.get()) == -1);
}
