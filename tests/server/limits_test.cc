// What keeps one peer from harming the others: deadlines, limits, room when descriptors run out.

#include <sys/resource.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "catch.h"
#include "requests.h"
#include "server/live_daemon.h"
#include "server/server.h"
#include "server/server_peers.h"

using namespace std::chrono_literals;
using namespace std::string_literals;
using epmd::EventKind;
using server::Server;

// Deadlines

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

// Limits

TEST_CASE("of many who wait a turn accepts some, however long the turns are") {
  LiveDaemon daemon;
  Peers peers;
  for (int i = 0; i < 200; ++i) peers.push_back(std::make_unique<FakePeer>(daemon.address));
  for (const size_t accepted : {64U, 128U, 192U}) {
    std::this_thread::sleep_for(2ms);  // as if something else had its turn for so long
    daemon.loop.run_ready();
    CHECK(daemon.event_sink.count(EventKind::connection_opened) == accepted);
  }
}

TEST_CASE("when there is no room the longest idle connection goes, and never a registered one") {
  LiveDaemon daemon(with_connections(3));
  FakePeer web(daemon.address);
  REQUIRE(daemon.registers(web, alive2_req("web")));
  FakePeer first(daemon.address);
  REQUIRE(daemon.keeps(2));
  FakePeer second(daemon.address);
  REQUIRE(daemon.keeps(3));
  FakePeer third(daemon.address);
  REQUIRE(daemon.ends(first));
  second.send(partial);  // is idle no longer
  REQUIRE(daemon.has(EventKind::bytes_read, 2));
  FakePeer fourth(daemon.address);
  REQUIRE(daemon.ends(third));
  second.read();
  CHECK_FALSE(second.has_ended());
  CHECK(daemon.server->connections() == 3);
  CHECK(daemon.event_sink.count(EventKind::evicted) == 2);
  CHECK(daemon.registry.find("web"));
}

TEST_CASE("a refused registration makes room for others") {
  LiveDaemon daemon(with_connections(2));
  FakePeer web(daemon.address);
  REQUIRE(daemon.registers(web, alive2_req("web")));
  FakePeer duplicate(daemon.address);
  duplicate.send(alive2_req("web"));
  REQUIRE(daemon.answers(duplicate, "v\x01\0\0\0\x63"s));
  FakePeer waiting(daemon.address);
  REQUIRE(daemon.ends(duplicate));
  CHECK(daemon.registry.find("web"));
}

TEST_CASE("when registered nodes hold every connection, who has to wait is closed on arrival") {
  LiveDaemon daemon(with_connections(2));
  FakePeer a(daemon.address);
  FakePeer b(daemon.address);
  REQUIRE(daemon.registers(a, alive2_req("a")));
  REQUIRE(daemon.registers(b, alive2_req("b")));
  FakePeer waiting(daemon.address);
  REQUIRE(daemon.ends(waiting));
  CHECK(daemon.event_sink.count(EventKind::no_room) == 1);
  FakePeer c(daemon.address);
  c.send(alive2_req("c"));
  REQUIRE(daemon.ends(c));
  CHECK(daemon.registry.alive().size() == 2);
  // Who need not wait needs no room.
  CHECK(daemon.ask(port_please2_req("a")).starts_with("w\0"s));
  a.close();
  REQUIRE(daemon.keeps(1));
  FakePeer d(daemon.address);
  CHECK(daemon.registers(d, alive2_req("d")));
}

TEST_CASE("a reader that does not read delays nobody, and is closed when its time is over") {
  undisturbed([] {
    LiveDaemon daemon(with_timeout(150ms));
    std::vector<epmd::Registration> names;
    fill(daemon, names);
    const auto lazy = lazy_reader(daemon);
    REQUIRE(daemon.has(EventKind::names_resp));
    CHECK(daemon.ask(port_please2_req("nobody")) == "w\x01"s);
    FakePeer web(daemon.address);
    CHECK(daemon.registers(web, alive2_req("web")));
    if (daemon.event_sink.has(EventKind::timed_out)) return false;
    CHECK(daemon.server->connections() == 2);
    CHECK(daemon.has(EventKind::timed_out));
    REQUIRE(daemon.ends(*lazy));
    CHECK(lazy->received.size() < daemon.listing.names_resp()->size());
    CHECK(daemon.server->connections() == 1);
    return true;
  });
}

TEST_CASE("a reader that reads gets the whole list, however slowly it begins") {
  LiveDaemon daemon;
  std::vector<epmd::Registration> names;
  fill(daemon, names);
  const auto lazy = lazy_reader(daemon);
  REQUIRE(daemon.keeps(1));
  const std::string expected = *daemon.listing.names_resp();
  names.clear();
  REQUIRE(daemon.ends(*lazy));
  CHECK(lazy->is_finished);
  CHECK((lazy->received == expected));
}

TEST_CASE("readers of one list hold it once, however many they are") {
  LiveDaemon daemon({}, size_t{15} << 20);
  std::vector<epmd::Registration> names;
  fill(daemon, names);
  Peers readers;
  while (readers.size() < 5) readers.push_back(lazy_reader(daemon));
  REQUIRE(daemon.keeps(5));
  CHECK(daemon.listing.bytes_held() < size_t{15} << 20);
  CHECK(daemon.listing.bytes_held() > size_t{9} << 20);
  for (const auto& reader : readers) {
    CHECK(daemon.ends(*reader));
    CHECK((reader->received == *daemon.listing.names_resp()));
  }
  CHECK_FALSE(daemon.event_sink.has(EventKind::evicted));
}

TEST_CASE("the longest idle reader goes when too many lists are held") {
  LiveDaemon daemon({}, size_t{25} << 20);
  std::vector<epmd::Registration> names;
  fill(daemon, names);
  FakePeer silent(daemon.address);  // has been idle for longer, but holds nothing
  REQUIRE(daemon.keeps(1));
  const auto first = lazy_reader(daemon);
  REQUIRE(daemon.keeps(2));
  names.pop_back();
  const auto second = lazy_reader(daemon);
  REQUIRE(daemon.keeps(3));
  CHECK_FALSE(daemon.event_sink.has(EventKind::evicted));
  names.pop_back();
  const auto third = lazy_reader(daemon);
  REQUIRE(daemon.has(EventKind::evicted));
  CHECK(daemon.keeps(3));
  CHECK(daemon.listing.bytes_held() <= size_t{25} << 20);
  const size_t whole = daemon.listing.names_resp()->size();
  CHECK(daemon.ends(*first));
  CHECK(first->received.size() < whole);
  CHECK(daemon.ends(*second));
  CHECK(second->received.size() > whole);  // of one name more
  CHECK(daemon.ends(*third));
  CHECK((third->received == *daemon.listing.names_resp()));
  CHECK(daemon.event_sink.count(EventKind::evicted) == 1);
  silent.read();
  CHECK_FALSE(silent.has_ended());
}

TEST_CASE("a list that alone is too large is refused, and the server goes on") {
  LiveDaemon daemon({}, 1000);
  std::vector<epmd::Registration> names;
  fill(daemon, names);
  CHECK(daemon.ask(names_req()).empty());
  CHECK(daemon.ask(dump_req()).empty());
  CHECK(daemon.event_sink.count(EventKind::listing_no_memory) == 2);
  CHECK(daemon.ask(port_please2_req("nobody")) == "w\x01"s);
  names.clear();
  CHECK(daemon.ask(names_req()) == first_of_names);
}

TEST_CASE("the longest idle connection goes when those without a name hold too much") {
  Server::Policy policy;
  policy.limits.bytes_waiting_max = 2 * server::Connections::connection_bytes + 3059;
  LiveDaemon daemon(policy);
  FakePeer web(daemon.address);
  REQUIRE(daemon.registers(web, alive2_req("web")));  // has a bound of its own
  FakePeer first(daemon.address);
  first.send(partial);
  REQUIRE(daemon.keeps(2));
  FakePeer second(daemon.address);
  second.send("\x0b\xf1s"s + std::string(2900, '.'));
  REQUIRE(daemon.keeps(3));
  REQUIRE(daemon.has(EventKind::bytes_read, 3));
  CHECK_FALSE(daemon.event_sink.has(EventKind::evicted));
  FakePeer third(daemon.address);
  third.send("\x0b\xf1s"s + std::string(2900, '.'));
  CHECK(daemon.ends(first));
  CHECK(daemon.ends(second));
  CHECK(daemon.keeps(2));
  CHECK(daemon.registry.find("web"));
}

// Descriptors

namespace {

/// Lowers the process's descriptor limit so that so many more can be opened; raises it in the end.
class ScarceDescriptors {
 public:
  explicit ScarceDescriptors(int left) {
    getrlimit(RLIMIT_NOFILE, &before_);
    const event::Descriptor next(dup(0));
    rlimit scarce = before_;
    scarce.rlim_cur = static_cast<rlim_t>(next.get() + left);
    setrlimit(RLIMIT_NOFILE, &scarce);
  }
  ScarceDescriptors(const ScarceDescriptors&) = delete;
  ScarceDescriptors& operator=(const ScarceDescriptors&) = delete;
  ~ScarceDescriptors() { end(); }
  void end() const { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_ = {};
};

/// Peers with a descriptor of their own already, that are still to connect.
Peers unconnected(size_t count) {
  Peers peers;
  while (peers.size() < count) peers.push_back(std::make_unique<FakePeer>());
  return peers;
}

}  // namespace

TEST_CASE("out of descriptors, the server makes room and serves on") {
  LiveDaemon daemon;
  Peers peers = unconnected(30);
  FakePeer web(daemon.address);
  REQUIRE(daemon.registers(web, alive2_req("web")));
  const ScarceDescriptors scarce(5);
  for (const auto& peer : peers) {
    peer->connect(daemon.address);
    peer->send(partial);
  }
  REQUIRE(daemon.has(EventKind::connection_opened, 31));
  CHECK(daemon.event_sink.count(EventKind::descriptors_exhausted) == 1);  // told once
  CHECK(daemon.event_sink.last(EventKind::descriptors_exhausted).number == EMFILE);
  CHECK(daemon.event_sink.count(EventKind::evicted) == 25);
  CHECK(daemon.server->connections() == 6);
  for (size_t i = 0; i < 25; ++i) CHECK(daemon.ends(*peers[i]));
  peers[0]->close();  // lends its descriptor to one that asks
  FakePeer asking(daemon.address);
  asking.send(port_please2_req("web"));
  REQUIRE(daemon.ends(asking));
  CHECK(asking.received.starts_with("w\0"s));
  CHECK(daemon.answers(web, web.received));
}

TEST_CASE("out of descriptors with nobody to close, the server waits for one to go") {
  LiveDaemon daemon;
  Peers peers = unconnected(5);
  const ScarceDescriptors scarce(3);
  for (size_t i = 0; i < 3; ++i) {
    peers[i]->connect(daemon.address);
    REQUIRE(daemon.registers(*peers[i], alive2_req("n" + std::to_string(i))));
  }
  for (size_t i = 3; i < 5; ++i) {
    peers[i]->connect(daemon.address);
    peers[i]->send(alive2_req("n" + std::to_string(i)));
  }
  REQUIRE(daemon.has(EventKind::descriptors_exhausted));
  const size_t before = daemon.event_sink.events.size();
  for (int i = 0; i < 1000; ++i) daemon.loop.run_ready();
  CHECK(daemon.event_sink.events.size() == before);  // waits, and does not try again and again
  CHECK(daemon.registry.alive().size() == 3);
  peers[1]->reset();  // frees two descriptors: both ends of it are ours
  REQUIRE(daemon.serves_until([&] { return daemon.registry.find("n4") != nullptr; }));
  CHECK(daemon.registry.find("n0"));
  CHECK_FALSE(daemon.registry.find("n1"));
  CHECK(daemon.registry.find("n3"));
  CHECK(daemon.registry.alive().size() == 4);
}

TEST_CASE("descriptors that come free elsewhere are noticed within a second or so") {
  LiveDaemon daemon;
  Peers peers = unconnected(1);
  const ScarceDescriptors scarce(0);
  peers[0]->connect(daemon.address);
  peers[0]->send(names_req());
  REQUIRE(daemon.has(EventKind::descriptors_exhausted));
  scarce.end();
  REQUIRE(daemon.serves_until([&] { return peers[0]->read(), peers[0]->has_ended(); }, 10s));
  CHECK(peers[0]->received == first_of_names);
}

TEST_CASE("a server that waits for descriptors can be destroyed") {
  LiveDaemon daemon;
  Peers peers = unconnected(1);
  const ScarceDescriptors scarce(0);
  peers[0]->connect(daemon.address);
  REQUIRE(daemon.has(EventKind::descriptors_exhausted));
}

TEST_CASE("of the connections an eighth, at most 64, is kept for clients that only ask") {
  const auto [connections, registrations] = GENERATE(table<size_t, size_t>(
      {{0, 0}, {1, 1}, {2, 1}, {8, 7}, {32, 28}, {512, 448}, {992, 928}, {19968, 19904}}));
  CHECK(server::registrations_of(connections) == registrations);
}

TEST_CASE("descriptors that others have opened are not promised to connections") {
  rlimit before = {};
  getrlimit(RLIMIT_NOFILE, &before);
  std::vector<event::Descriptor> opened;
  while (opened.size() < 100) opened.emplace_back(dup(0));
  const size_t connections_max = server::raise_descriptor_limit();
  setrlimit(RLIMIT_NOFILE, &before);
  CHECK(connections_max <= before.rlim_max - 32 - 84);
}

TEST_CASE("the descriptor limit is raised as far as it goes, with some left for ourselves") {
  rlimit before = {};
  getrlimit(RLIMIT_NOFILE, &before);
  rlimit lowered = before;
  lowered.rlim_cur = 64;
  setrlimit(RLIMIT_NOFILE, &lowered);
  const size_t connections_max = server::raise_descriptor_limit();
  rlimit raised = {};
  getrlimit(RLIMIT_NOFILE, &raised);
  setrlimit(RLIMIT_NOFILE, &before);
  CHECK(raised.rlim_cur == before.rlim_max);
  CHECK(connections_max == raised.rlim_cur - 32);
}
