// Another node in the place of one that is known, or with its name.

#include "catch.h"
#include "sim/cluster.h"

using namespace std::chrono_literals;
using sim::Cluster;
using Texts = std::vector<std::string>;

TEST_CASE("a node started anew has left and joined, in that order") {
  Cluster it;
  it.have("a", "10.0.0.2");
  it.have("b", "10.0.0.3");
  it.begin();
  it.rounds(8);
  it.take_told();
  it.restart_node("a");
  it.rounds(1);
  CHECK(it.take_told() == Texts{"left app@a", "joined app@a"});
  REQUIRE_FALSE(it.changes.empty());
  CHECK(it.changes.back().member.creation == it.containers["a"]->nodes[0].creation);
  it.run(10min);
  CHECK(it.take_told().empty());
}

TEST_CASE("a container restarted with a new address is told as soon as it is seen") {
  Cluster it;
  it.have("a", "10.0.0.2");
  it.have("b", "10.0.0.3");
  it.begin();
  it.run(1h);
  it.take_told();
  it.stop("a");
  it.start("a", "10.0.0.9");
  it.run(6s);
  CHECK(it.take_told() == Texts{"left app@a", "joined app@a"});
  CHECK(it.member("app@a").seen.node.ip == "10.0.0.9");
  it.run(10min);
  CHECK(it.take_told().empty());
}

TEST_CASE("an address reused by another node is another member") {
  Cluster it;
  it.have("a", "10.0.0.2");
  it.begin();
  it.rounds(8);
  it.take_told();
  SECTION("whose EPMD lists another port: at once") {
    it.stop("a");
    it.have("b", "10.0.0.2");
    it.rounds(1);
    CHECK(it.take_told() == Texts{"left app@a", "joined app@b"});
  }
  SECTION("with the same alive name and port, and nobody noticed the change") {
    const auto old = it.containers["a"]->nodes[0];
    it.stop("a");
    it.have("b", "10.0.0.2").nodes[0].port_no = old.port_no;
    it.run(80s);
    CHECK(it.take_told() == Texts{"left app@a", "joined app@b"});
    CHECK(it.reason(1) == "the node there calls itself app@b");
  }
  it.run(10min);
  CHECK(it.take_told().empty());
  CHECK(it.names() == Texts{"app@b"});
}

TEST_CASE("of two nodes with the same name neither is a member, not even the one that was") {
  Cluster it;
  it.have("a", "10.0.0.2");
  it.begin();
  it.rounds(3);
  it.have("b", "10.0.0.3").nodes[0].name = "app@a";
  it.world.dns.add("a", "10.0.0.3");
  it.run(10min);
  CHECK(it.take_told() == Texts{"joined app@a", "left app@a"});
  it.stop("a");
  it.world.dns.hosts["a"] = {"10.0.0.3"};
  it.run(1min);
  CHECK(it.take_told() == Texts{"joined app@a"});
  CHECK(it.member("app@a").seen.node.ip == "10.0.0.3");
}
