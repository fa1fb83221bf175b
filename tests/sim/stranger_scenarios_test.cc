// EPMDs and nodes that are not to be trusted.
#include <algorithm>

#include "catch.h"
#include "sim/cluster.h"

using namespace std::chrono_literals;
using namespace std::string_literals;
using sim::Cluster;
using sim::Container;
using sim::Node;
using sim::Settings;
using Manner = discovery::Identification::Outcome;
using Texts = std::vector<std::string>;

TEST_CASE("an EPMD with 100,000 names is bounded, and nobody else suffers") {
  Cluster it;
  Container& stranger = it.have("stranger", "10.0.0.2");
  for (int i = 0; i < 100'000; ++i)
    stranger.also_listed.push_back({"n" + std::to_string(i), static_cast<uint16_t>(1 + i % 9999)});
  it.have("a", "10.0.0.3");
  it.begin();
  it.rounds(1);
  CHECK(it.names() == Texts{"app@a"});
  CHECK(it.last.dropped == 100'001 - discovery::names_per_epmd_max);
  CHECK(it.last.listed.size() == discovery::names_per_epmd_max + 1);
  CHECK(it.handshakes() == discovery::identified_per_epmd_max + 1);
  CHECK(it.world.now() < 100ms);
}

TEST_CASE("a member that its EPMD lists behind 100,000 names does not leave") {
  Cluster it;
  it.have("a", "10.0.0.2");
  it.begin();
  it.rounds(8);
  it.take_told();
  for (int i = 0; i < 100'000; ++i)
    it.containers["a"]->also_listed.push_back({"n" + std::to_string(i), 1});
  std::swap(it.containers["a"]->also_listed.front(), it.containers["a"]->also_listed.back());
  it.rounds(10);
  CHECK(it.take_told().empty());
  it.containers["a"]->also_listed.clear();
  it.rounds(3);
  CHECK(it.take_told().empty());
}

TEST_CASE("a member that is not found again among too many names has not left at once") {
  Cluster it;
  Container& a = it.have("a", "10.0.0.2");
  it.begin();
  it.rounds(8);
  a.runs_from = it.world.now() + 5600ms;  // who refuses is asked anew who it is
  it.rounds(1);
  for (int i = 0; i < 100'000; ++i) a.also_listed.push_back({"n" + std::to_string(i), 1});
  it.rounds(1);
  a.also_listed.clear();
  it.rounds(3);
  CHECK(it.take_told() == Texts{"joined app@a"});
  CHECK(a.nodes[0].handshakes == 2);
}

TEST_CASE("a name that an EPMD lists again and again is one name") {
  Cluster it;
  Container& a = it.have("a", "10.0.0.2");
  for (int i = 0; i < 100; ++i) a.also_listed.push_back({"app", a.nodes[0].port_no});
  it.begin();
  it.rounds(1);
  CHECK(it.take_told() == Texts{"joined app@a"});
  CHECK(a.nodes[0].handshakes == 1);
}

TEST_CASE("names that count no node keep no place") {
  Cluster it;
  Container& a = it.have("a", "10.0.0.2");
  for (int i = 0; i < 5000; ++i) a.also_listed.push_back({"rem-" + std::to_string(i), 1});
  it.begin();
  it.rounds(1);
  CHECK(it.names() == Texts{"app@a"});
  CHECK(it.last.dropped == 0);
}

TEST_CASE("names with characters that are shown escaped go no further") {
  Cluster it;
  Container& a = it.have("a", "10.0.0.2");
  const Texts evil = {"x\n127.0.0.1 bank"s,
                      "\x1b[2J"s,
                      "\0"s,
                      ""s,
                      "\xff\xfe"s,
                      "a\tb"s,
                      "web\xe2\x80\xae"  // turns what follows
                      "a"s};
  for (const std::string& name : evil) a.also_listed.push_back({name, 7});
  it.begin();
  it.rounds(3);
  CHECK(it.names() == Texts{"app@a"});
  CHECK(it.last.dropped == evil.size());
  CHECK(it.non_members().empty());
  CHECK(it.handshakes() == 1);
}

TEST_CASE("a challenge with a name that cannot be is a non-member, and shown harmless") {
  const std::string told =
      GENERATE("app@"s, "app"s, "@a"s, "app@a@b"s, "app@a b"s, "app@a\n"s, "app@a;reboot"s,
               "app@a\0"s, ""s, "app@"s + std::string(300, 'a'), "other@a"s, "App@a"s);
  INFO(told);
  Cluster it;
  Node& node = it.have("a", "10.0.0.2").nodes[0];
  node.name = told;
  node.listed_as = "app";
  it.begin();
  it.rounds(5);
  CHECK(it.names().empty());
  REQUIRE(it.last.non_members.size() == 1);
  CHECK(it.last.non_members[0].name == "app");
  CHECK(it.last.non_members[0].why.find("which cannot be its name") != std::string::npos);
  const std::string& why = it.last.non_members[0].why;
  CHECK(std::none_of(why.begin(), why.end(), [](char c) { return c >= 0 && c < ' '; }));
  CHECK(node.handshakes == 1);
}

TEST_CASE("a node that lies about its host part leads nobody astray") {
  Cluster it;
  it.have("a", "10.0.0.2");
  it.have("liar", "10.0.0.3").nodes[0].name = "app@a";
  it.begin();
  it.run(10min);
  CHECK(it.take_told() == Texts{"joined app@a"});
  CHECK(it.member("app@a").seen.node.ip == "10.0.0.2");
  it.stop("a");
  it.run(1min);
  CHECK(it.take_told() == Texts{"left app@a"});
}

TEST_CASE("an alias with 20,000 addresses is bounded") {
  Cluster it;
  for (int i = 0; i < 20'000; ++i)
    it.world.dns.add("web", "10." + std::to_string(i / 250) + ".1." + std::to_string(i % 250));
  it.have("a", "10.0.0.2", "db");
  it.settings = sim::settings_for({"db", "web"});
  it.begin();
  while (it.rounds_told < 1) REQUIRE(it.world.step(it.world.now() + 1h));
  CHECK(it.names() == Texts{"app@a"});
  CHECK(it.last.dropped == 20'001 - discovery::endpoints_max);
  CHECK(it.world.operations_max <= discovery::operations_at_once_max + 1);
}

TEST_CASE("thousands of silent ports at one address do not hide the others for long") {
  Cluster it;
  Container& tarpit = it.have("tarpit", "10.0.0.2");
  for (uint16_t i = 1; i < 1000; ++i) {
    Node node = it.a_node("n" + std::to_string(i) + "@tarpit");
    node.manner = Manner::silent;
    tarpit.nodes.push_back(node);
  }
  it.have("a", "10.0.0.3");
  it.begin();
  it.rounds(1);
  CHECK(it.world.now() < 1500ms);
  const Texts first = it.names();
  CHECK(std::find(first.begin(), first.end(), "app@a") != first.end());
  it.rounds(discovery::names_per_epmd_max / discovery::identified_per_epmd_max + 1);
  CHECK(it.names() == Texts{"app@a", "app@tarpit"});
}

TEST_CASE("nothing is asked of an address at which no member can be") {
  Cluster it;
  it.have("a", "10.0.0.2");
  it.have("stranger", "192.0.2.3");
  it.settings.scope.may_be_peer = [](const std::string& ip) { return ip.starts_with("10."); };
  it.begin(it.settings);
  it.rounds(3);
  CHECK(it.names() == Texts{"app@a"});
  CHECK_FALSE(it.world.names_asked.contains({"192.0.2.3", 4369}));
  CHECK(it.handshakes() == 1);
  CHECK(it.non_members() == Texts{"a host: "s + discovery::outside_peers});
}

TEST_CASE("to a daemon 0.0.0.0 at its port is its own EPMD, and at another nobody's") {
  const std::string ip = GENERATE("0.0.0.0", "::");
  Cluster it({"web", "here:4370"});
  it.have("a", "10.0.0.2");
  it.have_local("me");
  it.world.dns.add("web", ip);
  it.begin(it.settings);
  it.rounds(3);
  CHECK(it.non_members().empty());
  it.world.dns.add("here", ip);
  it.rounds(1);
  CHECK(it.non_members() == Texts{"a host: "s + discovery::no_address});
  CHECK_FALSE(it.world.names_asked.contains({ip, 4369}));
  CHECK_FALSE(it.world.names_asked.contains({ip, 4370}));
}

TEST_CASE("a round that is given up tells what is known, and what did not answer") {
  Cluster it({"web", "late"});
  it.have("a", "10.0.0.2");
  it.have("silent", "10.0.0.9").is_paused = true;
  it.world.dns.add("late", "10.0.0.4");
  it.world.dns.faults["late"] = sim::Fault::hangs;
  it.begin(it.settings);
  it.run(std::chrono::milliseconds(100));
  REQUIRE(it.rounds_told == 0);
  it.loop->give_up();
  it.run(std::chrono::milliseconds(50));
  REQUIRE(it.rounds_told == 1);
  CHECK(it.names() == Texts{"app@a"});
  CHECK(it.last.unanswered == Texts{"late", "10.0.0.9:4369"});
}

TEST_CASE("a round that is given up again does not wait for host parts either") {
  Cluster it;
  it.have("a", "10.0.0.2");
  it.have("silent", "10.0.0.9").is_paused = true;
  it.world.dns.faults["a"] = sim::Fault::hangs;
  it.begin(it.settings);
  it.run(std::chrono::milliseconds(100));
  it.loop->give_up();
  it.run(std::chrono::milliseconds(50));
  CHECK(it.rounds_told == 0);
  it.loop->give_up();
  CHECK(it.rounds_told == 1);
  CHECK(it.last.unanswered == Texts{"10.0.0.9:4369"});
}

TEST_CASE("a member at whose address none can be any more leaves at once, and may come back") {
  Cluster it;
  it.have("a", "10.0.0.2");
  it.have("b", "192.0.2.3");
  it.begin();
  it.rounds(8);
  it.take_told();
  Settings narrow = it.settings;
  narrow.scope.may_be_peer = [](const std::string& ip) { return ip.starts_with("10."); };
  it.loop->change(narrow);
  it.rounds(1);
  CHECK(it.take_told() == Texts{"left app@b"});
  CHECK(it.reason(2) == discovery::outside_peers);
  it.loop->change(it.settings);
  it.rounds(1);
  CHECK(it.take_told() == Texts{"joined app@b"});
}
