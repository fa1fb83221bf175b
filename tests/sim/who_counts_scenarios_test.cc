// Who a node is: the third step of a round. Its own name counts, however it was found.

#include "catch.h"
#include "sim/cluster.h"

using namespace std::chrono_literals;
using sim::Cluster;
using sim::Container;
using sim::Fault;
using Texts = std::vector<std::string>;

TEST_CASE("a node's own name counts, not its container's") {
  Cluster it;
  it.have("c1", "10.0.0.2").nodes[0].name = "app@h1";
  it.world.dns.add("h1", "10.0.0.2");
  it.begin();
  it.rounds(1);
  CHECK(it.take_told() == Texts{"joined app@h1"});
}

TEST_CASE("two nodes in one container are two members") {
  Cluster it;
  it.have("a", "10.0.0.2").nodes.push_back(it.a_node("second@a"));
  it.begin();
  it.rounds(5);
  CHECK(it.take_told() == Texts{"joined app@a", "joined second@a"});
}

TEST_CASE("one node found in several ways is one member") {
  Cluster it({"web", "db"});
  it.have("a", "10.0.0.2");
  SECTION("through two queries") { it.world.dns.add("db", "10.0.0.2"); }
  SECTION("at an IPv4 and at an IPv6 address") {
    it.containers["a"]->ips.push_back("fd00::2");
    it.world.plug_in(it.containers["a"]);
    for (const std::string host : {"web", "db", "a"}) it.world.dns.add(host, "fd00::2");
  }
  SECTION("in an answer that says it twice") {
    it.world.dns.add("web", "10.0.0.2");
    it.world.dns.add("db", "10.0.0.2");
    it.world.dns.add("db", "10.0.0.2");
  }
  it.begin();
  it.rounds(20);
  CHECK(it.take_told() == Texts{"joined app@a"});
  CHECK(it.names() == Texts{"app@a"});
  CHECK(it.non_members().empty());
  for (const auto& [epmd, count] : it.world.names_asked) CHECK(count == 20);
}

/// The host a has addresses of both families, and its node listens at one of them.
static void begin_listening_only_at(Cluster& it, const std::string& ip) {
  Container& a = it.have("a", "10.0.0.2");
  a.nodes[0].only_at = ip;
  a.ips.push_back("fd00::2");
  it.world.plug_in(it.containers["a"]);
  for (const std::string host : {"web", "a"}) it.world.dns.add(host, "fd00::2");
  it.begin();
}

TEST_CASE("a node that listens on IPv4 only is no non-member at its host's IPv6 address") {
  Cluster it;
  begin_listening_only_at(it, "10.0.0.2");
  it.rounds(20);
  CHECK(it.take_told() == Texts{"joined app@a"});
  CHECK(it.non_members().empty());
}

TEST_CASE("a node that listens on IPv6 only is no non-member at its host's IPv4 address") {
  Cluster it;
  begin_listening_only_at(it, "fd00::2");
  it.rounds(3);
  CHECK(it.take_told() == Texts{"joined app@a"});
  CHECK(it.non_members().empty());
  it.rounds(20);
  CHECK(it.take_told().empty());
  CHECK(it.non_members().empty());
}

TEST_CASE(
    "one that nobody listens for at an IPv4 address is told of, if it is no IPv6 node there") {
  Cluster it;
  Container& a = it.have("a", "fd00::2");
  a.nodes[0].name = "app@fd00::2";
  Container& b = it.have("b", "10.0.0.3");
  b.nodes[0].only_at = "10.9.9.9";
  b.nodes[0].port_no = a.nodes[0].port_no;
  it.begin();
  it.rounds(5);
  CHECK(it.names() == Texts{"app@fd00::2"});
  REQUIRE(it.non_members().size() == 1);
}

TEST_CASE("hosts with IPv6 addresses alone have members") {
  Cluster it;
  it.have("a", "fd00::2");
  it.have("b", "fd00::3").nodes[0].name = "app@fd00::3";
  it.begin();
  it.rounds(3);
  CHECK(it.names() == Texts{"app@a", "app@fd00::3"});
  it.world.unplug(it.containers["b"]);
  for (const std::string host : {"web", "b"}) it.world.dns.remove(host, "fd00::3");
  it.rounds(10);
  CHECK(it.names() == Texts{"app@a"});
}

TEST_CASE("one member found in several ways is shown in one of them, in every round") {
  Cluster it({"web", "db"});
  it.have("a", "10.0.0.2").ips.push_back("fd00::2");
  it.world.plug_in(it.containers["a"]);
  for (const std::string host : {"web", "db", "a"}) it.world.dns.add(host, "fd00::2");
  it.world.dns.add("db", "10.0.0.2");
  it.begin();
  it.rounds(1);
  const auto first = it.member("app@a").seen;
  CHECK(first.queries == Texts{"web", "db"});
  for (int i = 0; i < 50; ++i) {
    it.rounds(1);
    CHECK(it.member("app@a").seen.node == first.node);
    CHECK(it.member("app@a").seen.queries == first.queries);
  }
}

TEST_CASE("who is found through two queries stays while either cannot say that it is gone") {
  Cluster it({"web", "db"});
  it.have("a", "10.0.0.2").ips.push_back("10.0.1.2");
  it.world.plug_in(it.containers["a"]);
  it.world.dns.add("db", "10.0.1.2");
  it.world.dns.add("a", "10.0.1.2");
  it.begin();
  it.rounds(8);
  it.world.dns.faults["db"] = Fault::fails;
  it.world.dns.remove("web", "10.0.0.2");
  it.run(1min);
  CHECK(it.take_told() == Texts{"joined app@a"});
}

TEST_CASE("hidden nodes are left out without a word") {
  Cluster it;
  it.have("a", "10.0.0.2").nodes[0].is_hidden = true;
  it.have("b", "10.0.0.3");
  it.begin();
  it.rounds(5);
  CHECK(it.take_told() == Texts{"joined app@b"});
  CHECK(it.non_members().empty());
}

TEST_CASE("names that do not count are not even asked who they are") {
  Cluster it;
  Container& a = it.have("a", "10.0.0.2");
  for (const std::string name : {"rabbitmqcli-12-x@a", "rem-1@a", "remsh7@a", "db1@a"})
    a.nodes.push_back(it.a_node(name));
  it.begin();
  it.rounds(5);
  CHECK(it.take_told() == Texts{"joined app@a", "joined db1@a"});
  CHECK(it.handshakes() == 2);

  sim::Settings settings = it.settings;
  settings.scope.filter.wanted = {"db*"};
  it.loop->change(settings);
  it.rounds(3);
  CHECK(it.take_told() == Texts{"left app@a"});
}

TEST_CASE("our own nodes are no members of their own cluster") {
  Cluster it;
  it.have_local("app@self");
  it.world.dns.add("self", "10.0.0.1");
  it.world.dns.add("web", "10.0.0.1");
  it.have("a", "10.0.0.2");
  SECTION("at our own address, where we would ask ourselves") {}
  SECTION("nor at one of which we do not know that it is ours") {
    it.self->ips.push_back("10.0.7.7");
    it.world.plug_in(it.self);
    it.world.dns.add("web", "10.0.7.7");
    it.world.dns.add("self", "10.0.7.7");
  }
  it.begin();
  it.rounds(5);
  CHECK(it.take_told() == Texts{"joined app@a"});
  CHECK(it.world.names_asked[{"10.0.0.1", 4369}] == 0);
}

TEST_CASE("another EPMD at our own address is not ourselves") {
  Cluster it({"web:4370"});
  it.self->epmd_port_no = 4370;
  it.self->nodes = {it.a_node("other@self")};
  it.world.dns.add("self", "10.0.0.1");
  it.world.dns.add("web", "10.0.0.1");
  it.begin();
  it.rounds(3);
  CHECK(it.take_told() == Texts{"joined other@self"});
}

TEST_CASE("a local node is found where it listens, which need not be the loopback") {
  Cluster it;
  it.have_local("app@self").only_at = "10.0.0.1";
  it.begin();
  it.rounds(1);
  REQUIRE(it.last.locals.size() == 1);
  CHECK(it.last.locals.at(0).node == discovery::Endpoint{"10.0.0.1", it.self->nodes[0].port_no});
  it.rounds(20);
  CHECK(it.self->nodes[0].handshakes == 1);
  CHECK(it.last.locals.at(0).node.ip == "10.0.0.1");
}
