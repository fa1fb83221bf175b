// The first two steps of a round: what the DNS says, and what the EPMDs say.
#include "catch.h"
#include "discovery/reconcile.h"
#include "sim/cluster.h"

using namespace std::chrono_literals;
using discovery::Resolution;
using sim::Cluster;
using sim::Container;
using sim::Fault;
using Texts = std::vector<std::string>;

TEST_CASE("who is behind an alias is found in the first round") {
  Cluster it;
  it.have("a", "10.0.0.2");
  it.have("b", "10.0.0.3");
  it.begin();
  it.rounds(1);
  CHECK(it.take_told() == Texts{"joined app@a", "joined app@b"});
  const auto& seen = it.member("app@a").seen;
  CHECK(seen.node == discovery::Endpoint{"10.0.0.2", 40001});
  CHECK(seen.epmd == discovery::Endpoint{"10.0.0.2", 4369});
  CHECK(seen.queries == Texts{"web"});
  CHECK(seen.is_verified);
  CHECK(seen.creation == 1001);
  CHECK(it.world.now() < 20ms);
}

TEST_CASE("nobody leaves because DNS is down for an hour") {
  Cluster it;
  it.have("a", "10.0.0.2");
  it.have("b", "10.0.0.3");
  it.begin();
  it.rounds(5);
  REQUIRE(it.take_told().size() == 2);
  it.world.dns.faults[""] = GENERATE(Fault::fails, Fault::hangs);
  const auto outage = GENERATE(50min, 300min);
  it.run(outage);
  CHECK(it.last.queries.at("web").outcome == Resolution::Outcome::failed);
  CHECK(it.names() == Texts{"app@a", "app@b"});
  it.world.dns.faults.clear();
  const unsigned before = it.handshakes();
  it.rounds(5);
  CHECK(it.take_told().empty());
  if (outage < 1h) CHECK(it.handshakes() == before);
}

TEST_CASE("who left while DNS was down is told when it is back") {
  Cluster it;
  it.have("a", "10.0.0.2");
  it.have("b", "10.0.0.3");
  it.begin();
  it.rounds(8);
  it.world.dns.faults["web"] = Fault::fails;
  it.stop("a");
  it.run(10min);
  CHECK(it.names() == Texts{"app@a", "app@b"});
  it.world.dns.faults.clear();
  it.take_told();
  it.rounds(4);
  CHECK(it.take_told() == Texts{"left app@a"});
}

TEST_CASE("an answer for one family of addresses says nothing of the other") {
  Cluster it;
  it.have("a", "10.0.0.2");
  it.have("six", "fd00::3");
  it.begin();
  it.rounds(8);
  it.take_told();
  it.world.dns.faults["web"] = Fault::only_ipv4;
  it.have("b", "10.0.0.4");
  it.run(10min);
  CHECK(it.take_told() == Texts{"joined app@b"});
  CHECK(it.names() == Texts{"app@a", "app@b", "app@six"});
  it.stop("a");
  it.stop("six");
  it.run(10min);
  CHECK(it.take_told() == Texts{"left app@a"});
}

TEST_CASE("half an answer shrinks nothing, whichever half it is") {
  Cluster it;
  for (int i = 0; i < 30; ++i) it.have("n" + std::to_string(i), "10.0.1." + std::to_string(i));
  it.begin();
  it.rounds(8);
  REQUIRE(it.take_told().size() == 30);
  const unsigned before = it.handshakes();
  it.world.dns.faults["web"] = Fault::truncated;
  it.run(10min);
  CHECK(it.take_told().empty());
  CHECK(it.names().size() == 30);
  CHECK(it.handshakes() == before);
}

TEST_CASE("an alias that is empty is an answer: its members leave, but not at once") {
  Cluster it;
  it.have("a", "10.0.0.2");
  it.begin();
  it.rounds(8);
  it.take_told();
  it.world.dns.hosts["web"].clear();
  it.rounds(2);
  CHECK(it.take_told().empty());
  it.rounds(1);
  CHECK(it.take_told() == Texts{"left app@a"});
  CHECK(it.reason(it.changes.size() - 1) == "its address is no longer behind web");
}

TEST_CASE("several queries at once, with their own ports, and SRV records") {
  Cluster it({"web", "db:4370", "srv:_epmd._tcp.cache"});
  it.have("a", "10.0.0.2");
  it.have("b", "10.0.0.3", "db").epmd_port_no = 4370;
  it.have("c", "10.0.0.4", "elsewhere").epmd_port_no = 5000;
  it.world.dns.services["_epmd._tcp.cache"] = {{"10.0.0.4", 5000}};
  it.begin();
  it.rounds(1);
  CHECK(it.names() == Texts{"app@a", "app@b", "app@c"});
  CHECK(it.member("app@b").seen.epmd.port_no == 4370);
  CHECK(it.member("app@c").seen.queries == Texts{"srv:_epmd._tcp.cache"});
}

TEST_CASE("one query that fails keeps its members and not those of others") {
  Cluster it({"web", "db"});
  it.have("a", "10.0.0.2");
  it.have("b", "10.0.0.3", "db");
  it.begin();
  it.rounds(8);
  it.take_told();
  it.world.dns.faults["web"] = Fault::hangs;
  it.stop("a");
  it.stop("b");
  it.run(5min);
  CHECK(it.take_told() == Texts{"left app@b"});
}

TEST_CASE("a name that vanished from its EPMD has left at once") {
  Cluster it;
  it.have("a", "10.0.0.2").nodes.push_back(it.a_node("second@a"));
  it.begin();
  it.rounds(8);
  CHECK(it.take_told() == Texts{"joined app@a", "joined second@a"});
  it.containers["a"]->nodes.pop_back();
  it.rounds(1);
  CHECK(it.take_told() == Texts{"left second@a"});
  CHECK(it.reason(it.changes.size() - 1) == "its EPMD no longer lists it");
}

TEST_CASE("a mute host leaves after three rounds, not before") {
  Cluster it;
  it.have("a", "10.0.0.2");
  it.have("b", "10.0.0.3");
  it.begin();
  it.rounds(8);
  it.take_told();
  it.containers["a"]->is_paused = true;
  it.rounds(discovery::rounds_missing_max - 1);
  CHECK(it.take_told().empty());
  it.rounds(1);
  CHECK(it.take_told() == Texts{"left app@a"});
  CHECK(it.reason(it.changes.size() - 1) == "its EPMD does not answer");
}

TEST_CASE("who is paused and resumed in time has never been away") {
  Cluster it;
  it.have("a", "10.0.0.2");
  it.begin();
  it.rounds(8);
  it.take_told();
  for (int i = 0; i < 20; ++i) {
    it.containers["a"]->is_paused = true;
    it.rounds(discovery::rounds_missing_max - 1);
    it.containers["a"]->is_paused = false;
    it.rounds(2);
  }
  CHECK(it.take_told().empty());
  CHECK(it.containers["a"]->nodes[0].handshakes == 1);
}

TEST_CASE("a host that hangs keeps the others from being told no longer than its timeout") {
  Cluster it;
  it.have("mute", "10.0.0.2").is_paused = true;
  it.have("a", "10.0.0.3");
  it.begin();
  it.rounds(1);
  CHECK(it.take_told() == Texts{"joined app@a"});
  CHECK(it.world.now() < 1020ms);
}

TEST_CASE("an answer that comes late, but in time, is an answer") {
  Cluster it;
  it.have("slow", "10.0.0.2").latency = 600ms;
  it.begin();
  it.rounds(1);
  REQUIRE(it.names() == Texts{"app@slow"});
  SECTION("however long it goes on") {
    it.containers["slow"]->latency = 300ms;
    it.run(1h);
  }
  SECTION("nor does one silence make it one that is always too late") {
    it.containers["slow"]->latency = 300ms;
    it.rounds(8);
    it.containers["slow"]->is_paused = true;
    it.rounds(1);
    it.containers["slow"]->is_paused = false;
    it.run(10min);
  }
  CHECK(it.take_told() == Texts{"joined app@slow"});
  CHECK(it.names() == Texts{"app@slow"});
}

TEST_CASE("an answer that comes too late is none, and does no harm later") {
  Cluster it;
  it.have("slow", "10.0.0.2").latency = 10s;
  it.have("a", "10.0.0.3");
  it.begin();
  it.run(1min);
  CHECK(it.take_told() == Texts{"joined app@a"});
}

TEST_CASE("a container that the DNS lists before its process runs joins once") {
  Cluster it;
  it.begin();
  it.rounds(3);
  it.run(350ms);  // of the 400 or so until the next round
  it.start("a", "10.0.0.2");
  it.rounds(1);
  CHECK(it.last.epmds.at({"10.0.0.2", 4369}) == discovery::NamesAnswer::Outcome::refused);
  it.run(1min);
  CHECK(it.take_told() == Texts{"joined app@a"});
}

TEST_CASE("what is no EPMD is dropped, and its neighbours are not") {
  Cluster it;
  it.have("web-server", "10.0.0.2").is_nonsense = true;
  it.have("a", "10.0.0.3");
  it.begin();
  it.rounds(5);
  CHECK(it.names() == Texts{"app@a"});
}

TEST_CASE("a service with one virtual address has tasks of its own") {
  Cluster it({"svc"});
  it.world.dns.add("svc", "10.0.9.9");
  it.have("t1", "10.0.0.2", "tasks.svc");
  it.have("t2", "10.0.0.3", "tasks.svc");
  it.begin();
  it.rounds(1);
  CHECK(it.take_told() == Texts{"joined app@t1", "joined app@t2"});
  CHECK(it.member("app@t1").seen.queries == Texts{"svc"});

  SECTION("a failure to find them again shrinks nothing") {
    it.world.dns.faults["tasks.svc"] = GENERATE(Fault::fails, Fault::hangs);
    it.run(1h);
    CHECK(it.names() == Texts{"app@t1", "app@t2"});
    it.world.dns.faults.clear();
    it.run(1min);
  }
  SECTION("half of an answer shrinks nothing") {
    it.world.dns.faults["tasks.svc"] = Fault::truncated;
    it.run(10min);
    CHECK(it.names() == Texts{"app@t1", "app@t2"});
  }
  SECTION("nor does a failure of the service's own name, for the tasks are what counts") {
    it.world.dns.faults["svc"] = Fault::fails;
    it.run(10min);
    it.stop("t1");
    it.run(1min);
    CHECK(it.take_told() == Texts{"left app@t1"});
  }
  SECTION("a task that is gone leaves") {
    it.stop("t1");
    it.run(1min);
    CHECK(it.take_told() == Texts{"left app@t1"});
  }
  SECTION("when there are no tasks any more, all leave") {
    it.stop("t1");
    it.stop("t2");
    it.world.dns.hosts.erase("tasks.svc");
    it.run(1min);
    CHECK(it.take_told() == Texts{"left app@t1", "left app@t2"});
  }
}

TEST_CASE("tasks are looked for only where there is one address and no EPMD behind it") {
  Cluster it({"web", "tasks.x", "10.0.0.7"});
  SECTION("not when somebody answers") {
    it.have("a", "10.0.0.2");
    it.have("b", "10.0.0.3", "tasks.x");
  }
  SECTION("not when there are two addresses") {
    it.have("a", "10.0.0.2").is_paused = true;
    it.have("b", "10.0.0.3").is_paused = true;
  }
  it.begin();
  it.rounds(8);
  for (const auto& [name, count] : it.world.dns_asked) CHECK_FALSE(name.starts_with("tasks.web"));
  CHECK(it.world.dns_asked["tasks.tasks.x"] == 0);
  CHECK(it.world.dns_asked["tasks.10.0.0.7"] == 0);
}

TEST_CASE("where there are no tasks, they are looked for once a minute at most") {
  Cluster it;
  it.have("a", "10.0.0.2").is_paused = true;
  it.world.dns.faults["tasks.web"] = GENERATE(Fault::none, Fault::hangs);
  it.begin();
  it.run(10min);
  CHECK(it.world.dns_asked["tasks.web"] >= 9);
  CHECK(it.world.dns_asked["tasks.web"] <= 11);
}

TEST_CASE("no more than 200 are asked at a time, and all of them are asked") {
  Cluster it;
  for (int i = 0; i < 1000; ++i)
    it.have("n" + std::to_string(i),
            "10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250));
  it.begin();
  it.rounds(1);
  CHECK(it.names().size() == 1000);
  CHECK(it.world.operations_max <= discovery::operations_at_once_max + 1);
  CHECK(it.world.operations_max >= discovery::operations_at_once_max);
}
