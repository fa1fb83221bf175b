// Nodes that do not tell who they are: guesses, and when they are asked again.

#include "catch.h"
#include "sim/cluster.h"

using namespace std::chrono_literals;
using sim::Cluster;
using sim::Fault;
using sim::Node;
using Manner = discovery::Identification::Outcome;
using Texts = std::vector<std::string>;

TEST_CASE("who refuses to tell its name is guessed by its reverse name, unverified") {
  const auto manner = GENERATE(Manner::speaks_tls, Manner::not_allowed);
  Cluster it;
  it.have("a", "10.0.0.2").nodes[0].manner = manner;
  SECTION("a container and a network without dots") {}
  SECTION("a container with dots in its name") {
    it.world.dns.reverse["10.0.0.2"] = {"name.dot_x.net_poc"};
    it.world.dns.remove("a", "10.0.0.2");
    it.world.dns.add("name.dot_x", "10.0.0.2");
  }
  SECTION("a network with dots in its name") { it.world.dns.reverse["10.0.0.2"] = {"a.net.dot"}; }
  SECTION("several reverse names, of which one leads there") {
    it.world.dns.reverse["10.0.0.2"] = {"nobody.net_poc", "other.net_poc", "a"};
    it.world.dns.add("other", "10.0.0.99");
  }
  it.begin();
  it.run(3h);
  REQUIRE(it.changes.size() == 1);
  const auto& member = it.changes[0].member;
  CHECK((member.name.host_part == "a" || member.name.host_part == "name.dot_x"));
  CHECK_FALSE(member.is_verified);
  CHECK(member.creation == 0);
}

TEST_CASE("a guess whose host leads elsewhere is a non-member") {
  Cluster it;
  it.have("a", "10.0.0.2").nodes[0].manner = Manner::speaks_tls;
  it.world.dns.hosts["a"] = {"10.0.0.77"};
  it.begin();
  it.rounds(8);
  CHECK(it.take_told().empty());
  CHECK(it.has_non_member("app", "no reverse name of its address leads back to it"));
}

TEST_CASE("a guess does not leave because reverse names cannot be looked up") {
  Cluster it;
  it.have("a", "10.0.0.2").nodes[0].manner = Manner::speaks_tls;
  it.begin();
  it.rounds(8);
  REQUIRE(it.take_told() == Texts{"joined app@a"});
  it.world.dns.faults["10.0.0.2"] = GENERATE(Fault::fails, Fault::hangs);
  it.run(1h);
  CHECK(it.take_told().empty());
}

TEST_CASE("a reverse name that comes late is asked for again soon") {
  Cluster it;
  it.have("a", "10.0.0.2").nodes[0].manner = Manner::speaks_tls;
  it.world.dns.faults["10.0.0.2"] = Fault::fails;
  it.begin();
  it.rounds(8);
  CHECK(it.take_told().empty());
  it.world.dns.faults.clear();
  it.run(20s);
  CHECK(it.take_told() == Texts{"joined app@a"});
}

TEST_CASE("refusals are asked again once an hour at most") {
  Cluster it;
  it.have("tls", "10.0.0.2").nodes[0].manner = Manner::speaks_tls;
  it.have("strict", "10.0.0.3").nodes[0].manner = Manner::not_allowed;
  it.have("old-tls", "10.0.0.4").nodes[0].manner = Manner::closed;
  it.begin();
  it.run(24h);
  for (const auto& [name, container] : it.containers) {
    INFO(name);
    const unsigned doubted = name == "old-tls" ? 1 : 0;
    CHECK(container->nodes[0].handshakes >= 23 + doubted);
    CHECK(container->nodes[0].handshakes <= 25 + doubted);
  }
  CHECK(it.take_told().size() == 3);
}

TEST_CASE("refusals are remembered through a long failure of the DNS") {
  Cluster it;
  it.have("tls", "10.0.0.2").nodes[0].manner = Manner::speaks_tls;
  it.begin();
  it.rounds(8);
  it.world.dns.faults[""] = Fault::fails;
  it.run(40min);
  it.world.dns.faults.clear();
  it.run(10min);
  CHECK(it.containers["tls"]->nodes[0].handshakes == 1);
  CHECK(it.take_told() == Texts{"joined app@tls"});
}

TEST_CASE("who talks nonsense is asked ever more seldom") {
  Cluster it;
  it.have("a", "10.0.0.2").nodes[0].manner = Manner::nonsense;
  it.begin();
  it.run(1h);
  CHECK(it.containers["a"]->nodes[0].handshakes >= 8);
  CHECK(it.containers["a"]->nodes[0].handshakes <= 12);
  it.run(23h);
  CHECK(it.containers["a"]->nodes[0].handshakes <= 36);
}

TEST_CASE("who is busy is asked again in the next round") {
  Cluster it;
  Node& node = it.have("a", "10.0.0.2").nodes[0];
  node.manner = Manner::busy;
  it.begin();
  it.rounds(10);
  CHECK(node.handshakes == 10);
  node.manner = Manner::identified;
  it.rounds(1);
  CHECK(it.take_told() == Texts{"joined app@a"});
}

TEST_CASE("a node that did not answer at first joins soon after it does") {
  Cluster it;
  Node& node = it.have("a", "10.0.0.2").nodes[0];
  node.manner = GENERATE(Manner::silent, Manner::refused);
  it.begin();
  it.run(1h);
  CHECK(it.take_told().empty());
  CHECK(it.has_non_member("app", "its port"));
  node.manner = Manner::identified;
  it.run(36s);
  CHECK(it.take_told() == Texts{"joined app@a"});
}

TEST_CASE("a guess that turns out to be another name makes way at once") {
  Cluster it;
  Node& node = it.have("c1", "10.0.0.2").nodes[0];
  node.name = "app@h1";
  node.manner = Manner::closed;
  it.world.dns.add("h1", "10.0.0.2");
  it.begin();
  it.rounds(2);
  REQUIRE(it.take_told() == Texts{"joined app@c1"});
  node.manner = Manner::identified;
  it.run(61min);
  CHECK(it.take_told() == Texts{"left app@c1", "joined app@h1"});
  CHECK(it.reason(1) == "the node there calls itself app@h1");
}

TEST_CASE("a node that closes on the first of two who ask at once is asked again at once") {
  Cluster it;
  Node& node = it.have("a", "10.0.0.2").nodes[0];
  node.manner = Manner::closed;
  it.begin();
  it.rounds(1);
  node.manner = Manner::identified;
  it.rounds(1);
  CHECK(it.take_told() == Texts{"joined app@a"});
  CHECK(it.member("app@a").seen.is_verified);
  CHECK(node.handshakes == 2);
}

TEST_CASE("a name that was told is not doubted because it is not told again") {
  Cluster it;
  it.have("a", "10.0.0.2");
  it.begin();
  it.rounds(8);
  // An address that is gone for a while is a place that is asked again.
  it.world.dns.remove("web", "10.0.0.2");
  it.rounds(1);
  it.world.dns.add("web", "10.0.0.2");
  it.containers["a"]->nodes[0].manner = Manner::closed;
  it.rounds(1);
  CHECK(it.containers["a"]->nodes[0].handshakes == 2);
  CHECK(it.member("app@a").seen.is_verified);
  CHECK(it.take_told() == Texts{"joined app@a"});
}
