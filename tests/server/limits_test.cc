// What keeps one peer from taking the place or the memory of the others.

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
