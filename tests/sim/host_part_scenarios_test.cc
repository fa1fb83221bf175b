// Whether a node can be connected to by its name: the fourth step of a round.

#include "catch.h"
#include "sim/cluster.h"

using namespace std::chrono_literals;
using sim::Cluster;
using sim::Fault;
using Manner = discovery::Identification::Outcome;
using Texts = std::vector<std::string>;

TEST_CASE("long names and short names do not mix") {
  Cluster it;
  it.have("a", "10.0.0.2");
  it.have("b.example.com", "10.0.0.3");
  SECTION("here they are short") {
    it.have_local("app@self");
    it.begin();
    it.rounds(5);
    CHECK(it.names() == Texts{"app@a"});
    CHECK(it.has_non_member("app@b.example.com", "it has a long name"));
  }
  SECTION("here they are long") {
    it.have_local("app@self.example.com");
    it.begin();
    it.rounds(5);
    CHECK(it.names() == Texts{"app@b.example.com"});
    CHECK(it.has_non_member("app@a", "it has a short name"));
  }
  SECTION("here are none") {
    it.begin();
    it.rounds(5);
    CHECK(it.names() == Texts{"app@a", "app@b.example.com"});
  }
  SECTION("here is one of each") {
    it.have_local("app@self");
    it.have_local("app@self.example.com");
    it.begin();
    it.rounds(5);
    CHECK(it.names() == Texts{"app@a", "app@b.example.com"});
  }
}

TEST_CASE("nobody joins because the local node is being restarted") {
  Cluster it;
  it.have("a", "10.0.0.2");
  it.have("b.example.com", "10.0.0.3");
  it.have_local("app@self");
  it.begin();
  it.rounds(8);
  REQUIRE(it.take_told() == Texts{"joined app@a"});
  it.world.local_names.clear();
  it.self->nodes.clear();
  it.loop->hurry();
  it.rounds(3);
  it.have_local("app@self").manner = Manner::silent;
  it.loop->hurry();
  it.rounds(3);
  CHECK(it.take_told().empty());
}

TEST_CASE("a local node that comes back is asked anew, even at the same port") {
  Cluster it;
  it.have_local("app@self");
  it.begin();
  it.rounds(8);
  it.self->nodes[0].creation = 77;
  it.world.local_names[0].creation = 77;
  it.rounds(1);
  CHECK(it.self->nodes[0].handshakes == 2);
  CHECK(it.last.locals.at(0).creation == 77);
}

TEST_CASE("a node by whose host part it cannot be found is a non-member, and why is told") {
  Cluster it;
  it.have("c1", "10.0.0.2").nodes[0].name = "app@hh";
  SECTION("it does not resolve") {
    it.begin();
    it.rounds(5);
    CHECK(it.has_non_member("app@hh", "does not resolve here"));
  }
  SECTION("it resolves to another address") {
    it.world.dns.add("hh", "10.0.0.99");
    it.begin();
    it.rounds(5);
    CHECK(it.has_non_member("app@hh", "resolves here, but not to 10.0.0.2"));
  }
  SECTION("the DNS does not answer") {
    it.world.dns.faults["hh"] = Fault::fails;
    it.begin();
    it.rounds(5);
    CHECK(it.has_non_member("app@hh", "could not be looked up"));
  }
  CHECK(it.take_told().empty());
  it.world.dns.faults.clear();
  it.world.dns.hosts["hh"] = {"10.0.0.2"};
  it.run(1min);
  CHECK(it.take_told() == Texts{"joined app@hh"});
  CHECK(it.containers["c1"]->nodes[0].handshakes == 1);
}

TEST_CASE("a host part that leads astray is looked up ever more seldom") {
  Cluster it;
  it.have("c1", "10.0.0.2").nodes[0].name = "app@hh";
  it.begin();
  it.run(1h);
  CHECK(it.world.dns_asked["hh"] >= 60);
  CHECK(it.world.dns_asked["hh"] <= 75);
}

TEST_CASE("a name by address needs no DNS") {
  Cluster it;
  it.have("a", "10.0.0.2").nodes[0].name = "app@10.0.0.2";
  it.have("b", "10.0.0.3").nodes[0].name = "app@10.0.0.99";
  it.have("c", "fd00::4").nodes[0].name = "app@fd00::4";
  it.world.dns.faults["10.0.0.2"] = Fault::fails;
  it.begin();
  it.rounds(5);
  CHECK(it.names() == Texts{"app@10.0.0.2", "app@fd00::4"});
  CHECK(it.world.dns_asked["10.0.0.2"] == 0);
}

TEST_CASE("a known member does not leave because its host part cannot be looked up") {
  Cluster it;
  it.have("a", "10.0.0.2");
  it.have("tls", "10.0.0.3").nodes[0].manner = Manner::speaks_tls;
  it.begin();
  it.rounds(8);
  it.take_told();
  SECTION("while all else goes on") {
    it.world.dns.faults["a"] = it.world.dns.faults["tls"] = Fault::fails;
    it.run(1h);
  }
  SECTION("after all of the DNS was silent for long") {
    it.world.dns.faults[""] = Fault::fails;
    it.run(5min);
    it.world.dns.faults["web"] = Fault::none;
    it.run(10min);
    it.world.dns.faults.clear();
    it.run(2min);
  }
  CHECK(it.names() == Texts{"app@a", "app@tls"});
  CHECK(it.take_told().empty());
  CHECK(it.containers["a"]->nodes[0].handshakes == 1);
}

TEST_CASE("a member whose host part leads elsewhere for good leaves") {
  Cluster it;
  it.have("a", "10.0.0.2");
  it.begin();
  it.rounds(8);
  it.world.dns.hosts["a"] = {"10.0.0.99"};
  it.run(3min);
  CHECK(it.take_told() == Texts{"joined app@a", "left app@a"});
  CHECK(it.reason(it.changes.size() - 1).find("resolves here, but not to 10.0.0.2") !=
        std::string::npos);
  CHECK(it.containers["a"]->nodes[0].handshakes == 2);
}
