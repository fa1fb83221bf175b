// When descriptors run out, and how many there are to begin with.

#include <sys/resource.h>

#include <memory>
#include <string>
#include <vector>

#include "catch.h"
#include "requests.h"
#include "server/live_daemon.h"
#include "server/server.h"
#include "server/server_peers.h"

using namespace std::chrono_literals;
using namespace std::string_literals;
using epmd::EventKind;

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
