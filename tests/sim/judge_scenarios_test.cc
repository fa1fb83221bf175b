// Who a node is, and whether it can be connected to: the third and fourth step of a round.
#include <algorithm>

#include "catch.h"
#include "sim/cluster.h"

using namespace std::chrono_literals;
using sim::Cluster;
using sim::Container;
using sim::Fault;
using sim::Node;
using Manner = discovery::Identification::Outcome;
using Texts = std::vector<std::string>;

namespace {

bool has_non_member(const Cluster& it, const std::string& name, const std::string& why) {
  const Texts non_members = it.non_members();
  return std::any_of(non_members.begin(), non_members.end(), [&](const std::string& non_member) {
    return non_member.starts_with(name + ": ") && non_member.find(why) != std::string::npos;
  });
}

}  // namespace

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

TEST_CASE("a node that listens on IPv4 only is no non-member at its host's IPv6 address") {
  Cluster it;
  Container& a = it.have("a", "10.0.0.2");
  a.nodes[0].only_at = "10.0.0.2";
  a.ips.push_back("fd00::2");
  it.world.plug_in(it.containers["a"]);
  for (const std::string host : {"web", "a"}) it.world.dns.add(host, "fd00::2");
  it.begin();
  it.rounds(20);
  CHECK(it.take_told() == Texts{"joined app@a"});
  CHECK(it.non_members().empty());
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
  CHECK(has_non_member(it, "app", "no reverse name of its address leads back to it"));
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
    CHECK(container->nodes[0].handshakes >= 23);
    CHECK(container->nodes[0].handshakes <= 25);
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
  CHECK(has_non_member(it, "app", "its port"));
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
  it.rounds(1);
  REQUIRE(it.take_told() == Texts{"joined app@c1"});
  node.manner = Manner::identified;
  it.run(61min);
  CHECK(it.take_told() == Texts{"left app@c1", "joined app@h1"});
  CHECK(it.reason(1) == "the node there calls itself app@h1");
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

TEST_CASE("long names and short names do not mix") {
  Cluster it;
  it.have("a", "10.0.0.2");
  it.have("b.example.com", "10.0.0.3");
  SECTION("here they are short") {
    it.have_local("app@self");
    it.begin();
    it.rounds(5);
    CHECK(it.names() == Texts{"app@a"});
    CHECK(has_non_member(it, "app@b.example.com", "it has a long name"));
  }
  SECTION("here they are long") {
    it.have_local("app@self.example.com");
    it.begin();
    it.rounds(5);
    CHECK(it.names() == Texts{"app@b.example.com"});
    CHECK(has_non_member(it, "app@a", "it has a short name"));
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
    CHECK(has_non_member(it, "app@hh", "does not resolve here"));
  }
  SECTION("it resolves to another address") {
    it.world.dns.add("hh", "10.0.0.99");
    it.begin();
    it.rounds(5);
    CHECK(has_non_member(it, "app@hh", "resolves here, but not to 10.0.0.2"));
  }
  SECTION("the DNS does not answer") {
    it.world.dns.faults["hh"] = Fault::fails;
    it.begin();
    it.rounds(5);
    CHECK(has_non_member(it, "app@hh", "could not be looked up"));
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
