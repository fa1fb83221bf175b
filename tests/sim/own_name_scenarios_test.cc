// Whether other hosts reach the nodes of this one by their names, and whether a name has one node:
// what keeps a node from being pushed.
#include <algorithm>

#include "catch.h"
#include "sim/cluster.h"

using namespace std::chrono_literals;
using sim::Cluster;
using sim::Fault;
using Texts = std::vector<std::string>;

namespace {

const std::string own_ip = "10.0.0.1";

/// Why the only node of this host is held back, as of the last round; empty if it is not.
std::string held_back(const Cluster& it) {
  REQUIRE(it.last.locals.size() == 1);
  return it.last.locals[0].held_back;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Two nodes elsewhere, and "app@me" here, which only the hosts file of this host knows.
struct World : Cluster {
  World() {
    have("a", "10.0.0.2");
    have("b", "10.0.0.3");
    have_local("app@me");
    world.hosts_file["me"] = {own_ip};
  }
};

/// Behind "web" and under one host name: "app@dup" at both addresses.
struct Twins : Cluster {
  Twins() {
    for (const std::string ip : {"10.0.0.4", "10.0.0.5"}) {
      have(ip == "10.0.0.4" ? "one" : "two", ip).nodes[0].name = "app@dup";
      world.dns.add("dup", ip);
    }
  }
};

}  // namespace

TEST_CASE("a node whose name only this host's hosts file has is held back") {
  World it;
  it.begin();
  it.rounds(1);
  CHECK(has(held_back(it), "the DNS does not know its host part 'me'"));
  CHECK(it.names() == Texts{"app@a", "app@b"});  // they are members all the same
}

TEST_CASE(
    "a node that is held back stays so while nobody is seen, and one that is not stays free") {
  for (const bool is_known : {false, true}) {
    INFO(is_known);
    World it;
    if (is_known) it.world.dns.add("me", own_ip);
    it.begin();
    it.rounds(12);
    CHECK(held_back(it).empty() == is_known);
    it.world.dns.faults[""] = Fault::fails;
    it.rounds(5);
    CHECK(it.names().size() == 2);
    CHECK(held_back(it).empty() == is_known);
    it.world.dns.faults.clear();
    for (const char* const name : {"a", "b"}) it.containers.at(name)->is_paused = true;
    it.rounds(1);
    CHECK(it.names().size() == 2);
    CHECK(held_back(it).empty() == is_known);
  }
}

TEST_CASE("a node that the DNS leads here is not held back") {
  World it;
  it.world.dns.add("me", own_ip);
  it.begin();
  it.rounds(1);
  CHECK(held_back(it).empty());
}

TEST_CASE("a node that the DNS leads elsewhere is held back") {
  World it;
  it.world.dns.add("me", "10.0.0.99");
  it.begin();
  it.rounds(1);
  CHECK(has(held_back(it), "the DNS leads to 10.0.0.99"));
}

TEST_CASE("a node on localhost is held back, because every host is led to itself by its name") {
  Cluster it;
  it.have("a", "10.0.0.2");
  it.have_local("app@localhost");
  it.world.dns.add("localhost", "127.0.0.1");
  it.begin();
  it.rounds(1);
  CHECK(has(held_back(it), "every host is led to itself by its host part '"));
}

TEST_CASE("a node is not held back where nobody could miss it") {
  Cluster it;
  SECTION("there are no nodes on other hosts") { it.have_local("app@me"); }
  SECTION("its host part is an address") {
    it.have("a", "10.0.0.2").nodes[0].name = "app@10.0.0.2";
    it.have_local("app@10.0.0.1");
  }
  it.begin();
  it.rounds(3);
  CHECK(held_back(it).empty());
}

TEST_CASE("where all names come from hosts files, our own hosts file counts") {
  World it;
  for (const std::string host : {"a", "b"}) {
    it.world.hosts_file[host] = it.world.dns.hosts[host];
    it.world.dns.hosts.erase(host);
  }
  SECTION("and the DNS knows no names") {}
  SECTION("and the DNS does not answer for names") {
    for (const std::string host : {"me", "a", "b"}) it.world.dns.faults[host] = Fault::fails;
  }
  SECTION("and this host is at loopback in its own") { it.world.hosts_file["me"] = {"127.0.1.1"}; }
  it.begin();
  it.rounds(2);
  CHECK(it.names() == Texts{"app@a", "app@b"});
  CHECK(held_back(it).empty());
}

TEST_CASE("a node behind address translation is reached where the DNS leads") {
  World it;
  it.world.dns.add("me", "192.0.2.7");
  it.world.dns.add("web", "192.0.2.7");
  auto outside = std::make_shared<sim::Container>(*it.self);
  outside->ips = {"192.0.2.7"};
  it.world.plug_in(outside);
  it.begin();
  it.rounds(1);
  CHECK(held_back(it).empty());
}

TEST_CASE("a node is released within two seconds of its record in the DNS") {
  World it;
  discovery::Time timeout = 1500ms;
  SECTION("the DNS says that there is no such name") {}
  SECTION("the DNS says nothing of names that nobody has") {
    it.world.dns.faults["me"] = Fault::hangs;
    timeout += sim::World::dns_timeout;  // the look-up that is under way ends first
  }
  it.begin();
  it.run(30s);
  REQUIRE_FALSE(held_back(it).empty());
  const unsigned rounds = it.rounds_told;
  it.world.dns.faults.erase("me");
  it.world.dns.add("me", own_ip);
  it.run(timeout);
  CHECK(held_back(it).empty());
  CHECK(it.rounds_told > rounds);
}

TEST_CASE("once the DNS has led here, it may fail") {
  World it;
  it.world.dns.add("me", own_ip);
  it.begin();
  it.rounds(1);
  it.world.dns.faults[""] = Fault::fails;
  it.run(5min);
  CHECK(held_back(it).empty());
}

TEST_CASE("a name that the DNS has lost is held back again") {
  World it;
  it.world.dns.add("me", own_ip);
  it.begin();
  it.rounds(1);
  it.world.dns.hosts.erase("me");
  it.run(2min);
  CHECK_FALSE(held_back(it).empty());
}

TEST_CASE("two nodes that claim one name are both no members, with both addresses in the reason") {
  Twins it;
  it.begin();
  it.run(20s);
  CHECK(it.take_told().empty());
  const Texts non_members = it.non_members();
  REQUIRE(non_members.size() == 2);
  for (const std::string& non_member : non_members) {
    CHECK(has(non_member, "app@dup: several nodes have this name"));
    CHECK(has(non_member, "10.0.0.4:"));
    CHECK(has(non_member, "10.0.0.5:"));
  }
}

TEST_CASE("when one of two that claim a name has gone, the other is a member at once") {
  Twins it;
  it.begin();
  it.run(20s);
  it.stop("two");
  it.run(10s);
  CHECK(it.take_told() == Texts{"joined app@dup"});
}

TEST_CASE("a member whose name is claimed by another node is missing, and leaves") {
  Twins it;
  const auto two = it.containers.at("two");
  it.stop("two");
  it.begin();
  it.run(20s);
  REQUIRE(it.take_told() == Texts{"joined app@dup"});
  for (const std::string host : {"web", "dup"}) it.world.dns.add(host, "10.0.0.5");
  it.world.plug_in(two);
  it.run(6s);
  CHECK(it.member("app@dup").is_missing);
  it.run(20s);
  CHECK(it.take_told() == Texts{"left app@dup"});
  CHECK(has(it.reason(1), "several nodes have this name"));
}

TEST_CASE("a container that is to claim a name it shares keeps the other from being a member") {
  Twins it;
  auto& two = *it.containers.at("two");
  SECTION("its process does not run yet") { two.runs_from = 4s; }
  SECTION("its node does not run yet") {
    const auto node = two.nodes[0];
    two.nodes.clear();
    it.world.at(4s, [&two, node] { two.nodes = {node}; });
  }
  it.begin();
  it.run(3s);
  CHECK(it.take_told().empty());
  it.run(20s);
  CHECK(it.take_told().empty());
}

TEST_CASE("a second address from which nobody is heard is not waited for without end") {
  Twins it;
  auto& two = *it.containers.at("two");
  SECTION("nobody listens there") { two.runs_from = 24h; }
  SECTION("its EPMD has no names") { two.nodes.clear(); }
  it.begin();
  it.run(20s);
  CHECK(it.take_told() == Texts{"joined app@dup"});
}

TEST_CASE("two nodes of one host name and different names are both members") {
  Twins it;
  it.containers.at("two")->nodes[0].name = "other@dup";
  it.begin();
  it.rounds(3);
  CHECK(it.take_told() == Texts{"joined app@dup", "joined other@dup"});
}

TEST_CASE("a node whose name leads elsewhere does not spoil it for the one that has it") {
  Cluster it;
  it.have("a", "10.0.0.2");
  it.have("stranger", "10.0.0.6").nodes[0].name = "app@a";
  it.begin();
  it.run(20s);
  CHECK(it.take_told() == Texts{"joined app@a"});
}

TEST_CASE("a node of this host whose name another one claims is held back, with both addresses") {
  World it;
  it.world.dns.add("me", own_ip);
  it.have("twin", "10.0.0.4").nodes[0].name = "app@me";
  it.world.dns.add("me", "10.0.0.4");
  it.begin();
  it.run(10s);
  CHECK(has(held_back(it), "several nodes have this name"));
  CHECK(has(held_back(it), own_ip + ":"));
  CHECK(has(held_back(it), "10.0.0.4:"));
  const Texts non_members = it.non_members();
  REQUIRE(non_members.size() == 1);
  CHECK(has(non_members[0], "10.0.0.4:"));
  it.stop("twin");
  it.run(10s);
  CHECK(held_back(it).empty());
}

TEST_CASE("a node of this host waits for a container that has its host name and is starting") {
  World it;
  it.world.dns.add("me", own_ip);
  it.world.dns.add("me", "10.0.0.4");
  auto& twin = it.start("twin", "10.0.0.4");
  twin.runs_from = 3s;
  twin.nodes[0].name = "app@me";
  it.begin();
  it.run(2s);
  CHECK(has(held_back(it), "its host part 'me' leads to 10.0.0.4 too"));
  it.run(10s);
  CHECK(has(held_back(it), "several nodes have this name"));
}

TEST_CASE("a node of this host that is found at an address of its own is no other node") {
  Cluster it;
  it.have("a", "10.0.0.2");
  it.have_local("app@me");
  it.world.dns.add("me", own_ip);
  for (const char* const ip : {"10.0.0.1", "127.0.0.1"}) it.world.dns.add("web", ip);
  it.begin();
  it.rounds(3);
  CHECK(held_back(it).empty());
  CHECK(it.non_members().empty());
}

TEST_CASE("a node whose host part is a number is held back") {
  Cluster it;
  it.have("a", "10.0.0.2");
  it.have_local("app@104857600123");
  it.world.dns.add("104857600123", own_ip);
  it.begin();
  it.rounds(1);
  CHECK(has(held_back(it), "is a number to Erlang, which takes it for no address"));
}

TEST_CASE("a member whose host part this host's hosts file leads elsewhere is none") {
  Cluster it;
  it.have("a", "10.0.0.2");
  it.world.hosts_file["a"] = {"10.0.0.99"};
  it.begin();
  it.rounds(1);
  CHECK(it.names().empty());
  it.world.hosts_file.clear();
  it.rounds(20);
  CHECK(it.names() == Texts{"app@a"});
}

TEST_CASE("a node whose name another one has stays held back, whatever its own hosts file says") {
  Twins it;
  it.have_local("app@dup");
  it.world.dns.add("dup", own_ip);
  it.world.hosts_file["dup"] = {own_ip};  // as engines write it
  it.begin();
  // Look-ups of the name between the rounds, at another beat, count as much as those of the rounds.
  for (int round = 1; round <= 100; ++round) {
    it.rounds(1);
    INFO("round " << round);
    CHECK(has(held_back(it), "several nodes have this name"));
  }
}
