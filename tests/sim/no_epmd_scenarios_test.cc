// Nodes that no EPMD lists: they are looked for at a port, and asked themselves in each round.

#include <set>

#include "catch.h"
#include "sim/cluster.h"

using namespace std::chrono_literals;
using discovery::Identification;
using sim::Cluster;
using sim::Container;
using sim::Fault;
using Texts = std::vector<std::string>;

namespace {

constexpr uint16_t port_no = 9100;

struct NoEpmd : Cluster {
  explicit NoEpmd(const std::vector<std::string>& queries = {"dist:web:9100"}) : Cluster(queries) {}

  Container& have(const std::string& name, const std::string& ip) {
    Container& container = Cluster::have(name, ip);
    container.nodes[0].port_no = port_no;
    container.epmd_port_no = 0;
    return container;
  }
};

/// One node, which has been a member for some rounds.
struct OneMember : NoEpmd {
  OneMember() : container(have("a", "10.0.0.2")), node(container.nodes[0]) {
    begin();
    rounds(8);
    REQUIRE(take_told() == Texts{"joined app@a"});
  }

  Container& container;
  sim::Node& node;
};

}  // namespace

TEST_CASE("a node without an EPMD is a member by the name that it tells") {
  NoEpmd it;
  it.have("a", "10.0.0.2");
  it.begin();
  it.rounds(20);
  CHECK(it.take_told() == Texts{"joined app@a"});
  CHECK_FALSE(it.member("app@a").seen.has_epmd());
  CHECK(it.world.names_asked.empty());
  CHECK(it.non_members().empty());
}

TEST_CASE("a node without an EPMD leaves when nobody listens at its port") {
  OneMember it;
  it.container.nodes.clear();
  it.rounds(1);
  CHECK(it.take_told() == Texts{"left app@a"});
  CHECK(it.reason(1) == "nobody listens at its port any more");
}

TEST_CASE("a node without an EPMD that was started anew is another, at its old port") {
  OneMember it;
  SECTION("under its name") {
    ++it.node.creation;
    it.rounds(1);
    CHECK(it.take_told() == Texts{"left app@a", "joined app@a"});
  }
  SECTION("under another") {
    it.node.name = "web@a";
    it.rounds(1);
    CHECK(it.take_told() == Texts{"left app@a", "joined web@a"});
  }
}

TEST_CASE("a node without an EPMD stays while it does not answer for a moment") {
  OneMember it;
  SECTION("silent") { it.container.is_paused = true; }
  SECTION("closing on one of two who ask at once") {
    it.node.manner = Identification::Outcome::closed;
  }
  it.rounds(1);
  it.container.is_paused = false;
  it.node.manner = Identification::Outcome::identified;
  it.rounds(8);
  CHECK(it.take_told().empty());
}

TEST_CASE("a node without an EPMD that is busy is there, however long") {
  OneMember it;
  it.node.manner = Identification::Outcome::busy;
  it.rounds(8);
  CHECK(it.take_told().empty());
  CHECK(it.member("app@a").rounds_missing == 0);
}

TEST_CASE("a node without an EPMD is there while our certificate has ended, or is not there") {
  const auto manner =
      GENERATE(Identification::Outcome::tls_failed, Identification::Outcome::not_asked);
  OneMember it;
  it.node.manner = manner;
  it.rounds(8);
  CHECK(it.take_told().empty());
  CHECK(it.member("app@a").rounds_missing == 0);
}

TEST_CASE("a node without an EPMD that does not answer for long leaves") {
  OneMember it;
  SECTION("silent") { it.container.is_paused = true; }
  SECTION("closing") { it.node.manner = Identification::Outcome::closed; }
  it.rounds(5);
  CHECK(it.take_told() == Texts{"left app@a"});
  CHECK(it.reason(1) == "it does not answer");
}

TEST_CASE("a node without an EPMD that does not tell its name is asked once an hour") {
  const auto [manner, handshakes] =
      GENERATE(std::pair(Identification::Outcome::not_allowed, 1U),
               std::pair(Identification::Outcome::speaks_tls, 1U),
               std::pair(Identification::Outcome::closed, 2U));  // it may have been a coincidence
  NoEpmd it;
  it.have("a", "10.0.0.2").nodes[0].manner = manner;
  it.begin();
  it.rounds(200);
  CHECK(it.take_told().empty());
  CHECK(it.handshakes() == handshakes);
  CHECK(it.has_non_member("a node", "no EPMD lists it"));
}

TEST_CASE("names that do not count are no members without an EPMD either") {
  NoEpmd it;
  it.have("a", "10.0.0.2").nodes[0].name = "rem-1@a";
  it.have("b", "10.0.0.3");
  it.begin();
  it.rounds(5);
  CHECK(it.take_told() == Texts{"joined app@b"});
}

TEST_CASE("a node that is found with its EPMD and without is one member") {
  Cluster it({"web", "dist:web:9100"});
  it.have("a", "10.0.0.2").nodes[0].port_no = port_no;
  it.begin();
  it.rounds(10);
  CHECK(it.take_told() == Texts{"joined app@a"});
  CHECK(it.non_members().empty());
  CHECK(it.member("app@a").seen.queries.size() == 2);
}

TEST_CASE("a node of this host that does not register is a local node") {
  NoEpmd it;
  it.world.dns.add("web", "10.0.0.1");
  it.world.dns.add("self", "10.0.0.1");
  it.self->nodes = {it.a_node("app@self")};
  it.self->nodes[0].port_no = port_no;
  it.have("a", "10.0.0.2");
  SECTION("where a query leads here") {}
  SECTION("at a port that was given") {
    it.world.dns.remove("web", "10.0.0.1");
    it.world.unregistered = {port_no};
  }
  it.begin();
  it.rounds(4);
  CHECK(it.take_told() == Texts{"joined app@a"});
  REQUIRE(it.last.locals.size() == 1);
  CHECK(it.last.locals[0].name.to_string() == "app@self");
  CHECK_FALSE(it.last.locals[0].is_registered);
  CHECK(it.last.locals[0].held_back.empty());
  const uint32_t creation = ++it.self->nodes[0].creation;
  it.rounds(1);
  CHECK(it.last.locals.at(0).creation == creation);
  it.self->nodes.clear();
  it.rounds(1);
  CHECK(it.last.locals.empty());
}

TEST_CASE("a node of this host that registers is not looked for at its port, too") {
  NoEpmd it;
  it.world.dns.add("web", "10.0.0.1");
  it.have_local("app@self").port_no = port_no;
  it.world.local_names.at(0).port_no = port_no;
  it.begin();
  it.rounds(10);
  REQUIRE(it.last.locals.size() == 1);
  CHECK(it.last.locals[0].is_registered);
  CHECK(it.handshakes() == 1);
}

TEST_CASE("in quiet rounds nodes without an EPMD are visited in turn") {
  NoEpmd it;
  for (unsigned i = 2; i < 42; ++i) it.have("n" + std::to_string(i), "10.0.0." + std::to_string(i));
  it.settings.asked_in_turn = 10;
  it.begin();
  it.rounds(12);
  CHECK(it.take_told().size() == 40);
  it.world.handshaken.clear();
  it.rounds(4);
  CHECK(it.world.handshaken.size() == 40);
  for (const auto& [node, count] : it.world.handshaken) CHECK(count == 1);
  it.containers.at("n7")->nodes.clear();
  it.rounds(4);
  CHECK(it.take_told() == Texts{"left app@n7"});
}

TEST_CASE("a service record can lead to nodes") {
  NoEpmd it({"srv-dist:_erlang._tcp.web"});
  it.have("a", "10.0.0.2");
  it.world.dns.services["_erlang._tcp.web"] = {{"10.0.0.2", port_no}};
  it.begin();
  it.rounds(3);
  CHECK(it.take_told() == Texts{"joined app@a"});
}

TEST_CASE("what is not asked for its names is not told of news, nor is a failing DNS an end") {
  OneMember it;
  it.loop->tell_news();
  it.rounds(2);
  it.world.dns.faults[""] = Fault::fails;
  it.run(10min);
  CHECK(it.take_told().empty());
  CHECK(it.world.names_asked.empty());
}

TEST_CASE("a node of this host stays known while the DNS fails, or does not lead here") {
  NoEpmd it;
  it.world.dns.add("web", "10.0.0.1");
  it.world.dns.add("self", "10.0.0.1");
  it.self->nodes = {it.a_node("app@self")};
  it.self->nodes[0].port_no = port_no;
  it.begin();
  it.rounds(4);
  REQUIRE(it.last.locals.size() == 1);
  SECTION("fails") { it.world.dns.faults["web"] = Fault::fails; }
  SECTION("does not lead here") { it.world.dns.remove("web", "10.0.0.1"); }
  it.rounds(4);
  CHECK(it.last.locals.size() == 1);
  sim::Settings settings = it.settings;
  settings.scope.queries = {sim::query("dist:db:9100")};
  it.loop->change(settings);
  it.rounds(1);
  CHECK(it.last.locals.empty());
}

TEST_CASE("a DNS that lies does not have all ports of this host tried") {
  NoEpmd it({"srv-dist:_app._tcp.web"});
  for (uint16_t each = 10'000; each < 11'000; ++each)
    it.world.dns.services["_app._tcp.web"].push_back({"10.0.0.1", each});
  it.begin();
  it.rounds(1);
  std::set<uint16_t> port_nos;
  for (const auto& [endpoint, count] : it.world.handshaken) port_nos.insert(endpoint.port_no);
  CHECK(port_nos.size() == 100);
}
