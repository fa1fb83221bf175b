#include "server/server.h"

#include <memory>
#include <string>
#include <vector>

#include "catch.h"
#include "requests.h"
#include "seeds.h"
#include "server/live_daemon.h"
#include "server/server_peers.h"

using namespace std::chrono_literals;
using namespace std::string_literals;
using epmd::EventKind;
using server::Server;

// Exchanges

TEST_CASE("a server answers look-ups and lists, and closes after") {
  LiveDaemon daemon;
  CHECK(daemon.ask(port_please2_req("web")) == "w\x01"s);
  FakePeer web(daemon.address);
  REQUIRE(daemon.registers(web, alive2_req("web", 7)));
  CHECK(daemon.ask(port_please2_req("web")) == epmd::encode_port2_resp(node_named("web", 7)));
  CHECK(daemon.ask(names_req()) == first_of_names + "name web at port 7\n");
  const int descriptor = daemon.registry.find("web")->descriptor;
  CHECK(daemon.ask(dump_req()) == first_of_names + "active name     <web> at port 7, fd = " +
                                      std::to_string(descriptor) + "\n\0"s);
  CHECK(daemon.server->connections() == 1);
}

TEST_CASE("a reply is followed by the end of the connection, not by a reset") {
  LiveDaemon daemon;
  FakePeer peer(daemon.address);
  peer.send(names_req());
  REQUIRE(daemon.ends(peer));
  CHECK(peer.received == first_of_names);
  CHECK(peer.is_finished);
}

TEST_CASE("a name that is registered over the network dies with its connection") {
  const bool is_reset = GENERATE(false, true);
  LiveDaemon daemon;
  FakePeer web(daemon.address);
  REQUIRE(daemon.registers(web, alive2_req("web")));
  is_reset ? web.reset() : web.close();
  CHECK(daemon.has(EventKind::unregistered));
  CHECK(daemon.ask(port_please2_req("web")) == "w\x01"s);
  CHECK(daemon.keeps(0));
}

TEST_CASE("a request is heard in whatever pieces it arrives") {
  LiveDaemon daemon;
  FakePeer web(daemon.address);
  const std::string request = alive2_req("web");
  size_t pieces = 0;
  for (const char byte : request) {
    web.send(std::string(1, byte));
    REQUIRE(daemon.has(EventKind::bytes_read, ++pieces));
  }
  CHECK(daemon.answers(web, "v\0\0\0\x03\xe8"s));
  CHECK(daemon.registry.find("web"));
}

TEST_CASE("a peer that has half closed gets its reply over the network") {
  LiveDaemon daemon;
  FakePeer peer(daemon.address);
  SECTION("with its request") { peer.send(names_req()); }
  SECTION("in the middle of being waited for") {
    peer.send("\0\x01"s);
    REQUIRE(daemon.keeps(1));
    peer.send("n");
  }
  peer.half_close();
  REQUIRE(daemon.ends(peer));
  CHECK(peer.received == first_of_names);
  CHECK(peer.is_finished);
}

TEST_CASE("a node that half closes is answered, and then unregistered") {
  LiveDaemon daemon;
  FakePeer web(daemon.address);
  web.send(alive2_req("web"));
  web.half_close();
  REQUIRE(daemon.ends(web));
  CHECK(web.received == "v\0\0\0\x03\xe8"s);
  CHECK(daemon.registry.alive().empty());
  CHECK(daemon.registry.history().size() == 1);
}

TEST_CASE("a connection that says nothing and goes is not missed") {
  LiveDaemon daemon;
  FakePeer peer(daemon.address);
  REQUIRE(daemon.keeps(1));
  peer.close();
  CHECK(daemon.keeps(0));
  CHECK(daemon.event_sink.count(EventKind::partial_packet) == 1);
}

TEST_CASE("bytes after a registration end it") {
  LiveDaemon daemon;
  FakePeer web(daemon.address);
  REQUIRE(daemon.registers(web, alive2_req("web")));
  web.send("?");
  REQUIRE(daemon.ends(web));
  CHECK(web.received.size() == 6);
  CHECK(daemon.registry.alive().empty());
}

// STOP, KILL, and names that change hands

TEST_CASE("STOP closes the connection of the name's owner") {
  LiveDaemon daemon;
  daemon.service.relaxed_command_check = true;
  FakePeer web(daemon.address);
  REQUIRE(daemon.registers(web, alive2_req("web")));
  CHECK(daemon.ask(stop_req("web")) == "STOPPED");
  REQUIRE(daemon.ends(web));
  CHECK(web.is_finished);
  CHECK(daemon.server->connections() == 0);
  CHECK(daemon.ask(stop_req("web")) == "NOEXISTSTOPPED");
}

TEST_CASE("STOP that came in pieces closes the connection of the name's owner") {
  LiveDaemon daemon;
  daemon.service.relaxed_command_check = true;
  FakePeer web(daemon.address);
  REQUIRE(daemon.registers(web, alive2_req("web")));
  FakePeer stopper(daemon.address);
  stopper.send("\0\x04s"s);
  REQUIRE(daemon.keeps(2));
  stopper.send("web");
  CHECK(daemon.ends(stopper));
  CHECK(stopper.received == "STOPPED");
  CHECK(daemon.ends(web));
  CHECK(daemon.keeps(0));
}

TEST_CASE("KILL is answered, and asks for the daemon's end") {
  LiveDaemon daemon;
  FakePeer web(daemon.address);
  REQUIRE(daemon.registers(web, alive2_req("web")));
  CHECK(daemon.ask(kill_req()) == "NO");
  CHECK_FALSE(daemon.is_shut_down);
  web.close();
  REQUIRE(daemon.keeps(0));
  CHECK(daemon.ask(kill_req()) == "OK");
  CHECK(daemon.is_shut_down);
}

TEST_CASE("KILL that came in pieces is answered, and asks for the daemon's end") {
  LiveDaemon daemon;
  FakePeer killer(daemon.address);
  killer.send("\0\x01"s);
  REQUIRE(daemon.keeps(1));
  killer.send("k");
  REQUIRE(daemon.ends(killer));
  CHECK(killer.received == "OK");
  CHECK(daemon.is_shut_down);
  CHECK(daemon.server->connections() == 0);
}

TEST_CASE("a node that restarts gets its name though nobody has read the end of the old one") {
  const bool is_reset = GENERATE(false, true);
  LiveDaemon daemon;
  FakePeer before(daemon.address);
  REQUIRE(daemon.registers(before, alive2_req("web", 1)));
  // In this order the server hears of the new connection first.
  FakePeer after(daemon.address);
  after.send(alive2_req("web", 2));
  is_reset ? before.reset() : before.close();
  CHECK(daemon.answers(after, "v\0\0\0\x03\xe9"s));
  CHECK(daemon.event_sink.count(EventKind::owner_had_ended) == 1);
  CHECK(daemon.registry.find("web")->node.port_no == 2);
  CHECK(daemon.keeps(1));
}

TEST_CASE("a node that restarts gets its name over a connection that had to wait, too") {
  LiveDaemon daemon;
  FakePeer before(daemon.address);
  FakePeer after(daemon.address);
  const std::string request = alive2_req("web", 2);
  after.send(request.substr(0, 5));
  REQUIRE(daemon.keeps(2));
  REQUIRE(daemon.registers(before, alive2_req("web", 1)));
  after.send(request.substr(5));
  before.close();
  CHECK(daemon.answers(after, "v\0\0\0\x03\xe9"s));
  CHECK(daemon.registry.find("web")->node.port_no == 2);
  CHECK(daemon.keeps(1));
  after.close();
  CHECK(daemon.keeps(0));
}

TEST_CASE("a duplicate that breaks off does not unregister the owner") {
  LiveDaemon daemon;
  FakePeer web(daemon.address);
  REQUIRE(daemon.registers(web, alive2_req("web", 1)));
  for (size_t i = 1; i <= 20; ++i) {
    FakePeer duplicate(daemon.address);
    duplicate.send(alive2_req("web", 2));
    duplicate.reset();
    REQUIRE(daemon.has(EventKind::connection_closed, i));
  }
  REQUIRE(daemon.registry.find("web"));
  CHECK(daemon.registry.find("web")->node.port_no == 1);
  CHECK_FALSE(daemon.event_sink.has(EventKind::unregistered));
  CHECK(daemon.answers(web, web.received));
}

TEST_CASE("networks that may ask do not keep local peers out") {
  Server::Policy policy;
  policy.allowed.push_back(*net::Network::parse("192.0.2.0/24"));
  LiveDaemon daemon(std::move(policy));
  CHECK(daemon.ask(names_req()) == first_of_names);
}

// The end

TEST_CASE("a server that is destroyed closes every connection and forgets their names") {
  LiveDaemon daemon;
  std::vector<epmd::Registration> names;
  fill(daemon, names);
  const auto lazy = lazy_reader(daemon);
  FakePeer waiting(daemon.address);
  FakePeer web(daemon.address);
  FakePeer duplicate(daemon.address);
  REQUIRE(daemon.registers(web, alive2_req("web")));
  duplicate.send(alive2_req("web"));
  REQUIRE(daemon.keeps(4));
  waiting.send(partial);
  daemon.server.reset();
  CHECK(daemon.ends(*lazy));
  CHECK(daemon.ends(waiting));
  CHECK(daemon.ends(web));
  CHECK(daemon.ends(duplicate));
  CHECK_FALSE(daemon.registry.find("web"));
  CHECK(daemon.registry.alive().size() == names.size());
}

TEST_CASE("a server that was never used can be destroyed") { const LiveDaemon daemon; }

// Everything at once

namespace {

/// Peers that do whatever comes to their minds, with a daemon that has room for fewer.
class Chaos {
 public:
  explicit Chaos(uint32_t seed) : random_(seed), daemon_(with_connections(40)) {
    daemon_.service.relaxed_command_check = true;
  }

  void step() {
    if (peers_.size() < 60 && random_.one_in(2)) peers_.push_back(arrive());
    if (!peers_.empty()) act(random_.below(peers_.size()));
    if (random_.one_in(3)) daemon_.loop.run_ready();
  }

  /// When all is quiet the names are those of the peers that were told so and are still there.
  void settle() {
    FakePeer last(daemon_.address);
    last.send(names_req());
    REQUIRE(daemon_.ends(last));
    for (int i = 0; i < 3; ++i) daemon_.loop.run_ready();
    size_t alive = 0;
    for (const auto& peer : peers_) {
      peer->read();
      const bool was_registered = peer->received.starts_with("v\0"s);
      if (was_registered && !peer->has_ended()) ++alive;
    }
    CHECK(daemon_.registry.alive().size() == alive);
    CHECK(daemon_.server->connections() <= 40);
  }

 private:
  std::unique_ptr<FakePeer> arrive() const { return std::make_unique<FakePeer>(daemon_.address); }

  void act(size_t i) {
    FakePeer& peer = *peers_[i];
    const std::string name = "n" + std::to_string(random_.below(12));
    const std::vector<std::string> requests = {
        alive2_req(name), alive2_req(name), port_please2_req(name), stop_req(name),
        names_req(),      dump_req(),       random_.bytes(3)};
    const std::string& request = requests[random_.below(requests.size())];
    switch (random_.below(8)) {
      case 0: return leave(i, &FakePeer::close);
      case 1: return leave(i, &FakePeer::reset);
      case 2: return peer.send(request.substr(0, random_.below(request.size())));
      default: return peer.send(request);
    }
  }

  void leave(size_t i, void (FakePeer::*way)()) {
    (*peers_[i].*way)();
    peers_.erase(peers_.begin() + static_cast<std::ptrdiff_t>(i));
  }

  Random random_;
  LiveDaemon daemon_;
  Peers peers_ = {};
};

}  // namespace

TEST_CASE("whatever peers do, the names are those of the living") {
  for (const uint32_t seed : seeds()) {
    INFO("seed " << seed);
    Chaos chaos(seed);
    for (int round = 0; round < 10; ++round) {
      for (int i = 0; i < 150; ++i) chaos.step();
      chaos.settle();
    }
  }
}
