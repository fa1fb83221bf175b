// Hosts in several networks, and networks whose addresses collide: where a node is found is one
// thing, where its name leads to another, and only a node for which both are the same is a member.
#include "catch.h"
#include "sim/cluster.h"

using namespace std::chrono_literals;
using sim::Cluster;
using Manner = discovery::Identification::Outcome;
using Texts = std::vector<std::string>;

namespace {

/// The container "a" in the networks "one" and "two"; its name leads to its address in the first.
void have_in_both(Cluster& it) {
  it.have("a", "10.0.0.2", "web.one").ips.push_back("10.1.0.2");
  it.world.plug_in(it.containers["a"]);
  it.world.dns.add("a.one", "10.0.0.2");
  it.world.dns.add("a.two", "10.1.0.2");
  it.world.dns.add("web.two", "10.1.0.2");
}

std::string why_elsewhere(const std::string& host, const std::string& ip) {
  return "its host part '" + host + "' resolves here, but not to " + ip +
         ", where it was found; start it under a host name of its own, or, if it is in several "
         "networks, look for it in the one that this name leads to";
}

}  // namespace

TEST_CASE("a node in two networks is a member in the one that its host part leads to") {
  Cluster it({"web.two", "web.one"});
  have_in_both(it);
  it.begin();
  it.rounds(10);
  CHECK(it.take_told() == Texts{"joined app@a"});
  CHECK(it.member("app@a").seen.node.ip == "10.0.0.2");
  CHECK(it.member("app@a").seen.queries == Texts{"web.one"});
  CHECK(it.non_members().empty());
  // It is taken out of the first, and its name leads to the second from now on.
  it.world.dns.hosts["web.one"] = it.world.dns.hosts["a.one"] = {};
  it.world.dns.hosts["a"] = {"10.1.0.2"};
  it.containers["a"]->ips = {"10.1.0.2"};
  it.run(5min);
  CHECK(it.member("app@a").seen.node.ip == "10.1.0.2");
  CHECK(it.non_members().empty());
}

TEST_CASE(
    "a node found in its second network only is a non-member that says where to look for it") {
  Cluster it({"web.two"});
  have_in_both(it);
  it.begin();
  it.rounds(10);
  CHECK(it.take_told().empty());
  CHECK(it.non_members() == Texts{"app@a: " + why_elsewhere("a", "10.1.0.2")});
  it.loop->change(sim::settings_for({"web.two", "web.one"}));
  it.rounds(2);
  CHECK(it.take_told() == Texts{"joined app@a"});
  CHECK(it.non_members().empty());
}

TEST_CASE("a node found in its second network is a member if its host part leads there") {
  Cluster it({"web.two"});
  have_in_both(it);
  SECTION("because the name has both addresses") { it.world.dns.add("a", "10.1.0.2"); }
  SECTION("because it is called as in that network") {
    it.containers["a"]->nodes[0].name = "app@a.two";
  }
  SECTION("because it is called by its address") {
    it.containers["a"]->nodes[0].name = "app@10.1.0.2";
  }
  it.begin();
  it.rounds(10);
  CHECK(it.take_told() == Texts{"joined " + it.containers["a"]->nodes[0].name});
  CHECK(it.non_members().empty());
}

TEST_CASE("of two nodes with one name in two networks, the one that the name leads to is meant") {
  Cluster it({"web.two", "web.one"});
  it.have("b", "10.1.0.2", "web.two").nodes[0].name = "app@a";
  it.have("a", "10.0.0.2", "web.one");
  it.begin();
  it.rounds(10);
  CHECK(it.take_told() == Texts{"joined app@a"});
  CHECK(it.member("app@a").seen.creation == it.containers["a"]->nodes[0].creation);
  CHECK(it.non_members() == Texts{"app@a: " + why_elsewhere("a", "10.1.0.2")});
}

TEST_CASE("an address that is another's here leads to that one, whoever the DNS had in mind") {
  Cluster it;
  // The DNS lists "a", in a network that does not reach here; here "b" has the same address.
  it.have("a", "10.0.0.2");
  it.have("b", "10.0.0.2", "other");
  SECTION("which is a member under its own name") {
    it.begin();
    it.rounds(10);
    CHECK(it.take_told() == Texts{"joined app@b"});
    CHECK(it.non_members().empty());
  }
  SECTION("which is none if its name leads elsewhere") {
    it.world.dns.hosts["b"] = {"10.0.0.3"};
    it.begin();
    it.rounds(10);
    CHECK(it.take_told().empty());
    CHECK(it.non_members() == Texts{"app@b: " + why_elsewhere("b", "10.0.0.2")});
  }
  CHECK(it.containers["a"]->nodes[0].handshakes == 0);
}

TEST_CASE("an address that is ours here is nobody's, whoever the DNS had in mind") {
  Cluster it;
  it.have_local("app@self");
  it.world.dns.add("web", "10.0.0.1");
  it.world.dns.add("a", "10.0.0.1");
  it.begin();
  it.rounds(10);
  CHECK(it.take_told().empty());
  CHECK(it.non_members().empty());
  CHECK(it.world.names_asked.empty());
}
