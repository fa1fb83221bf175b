// Who has a name, where not all EPMDs are asked in each round.
#include "catch.h"
#include "sim/quiet_cluster.h"

using namespace std::chrono_literals;
using sim::ip_of;
using sim::Quiet;
using sim::Time;
using Texts = std::vector<std::string>;

TEST_CASE("a node at two addresses that starts anew is no rival of itself") {
  Quiet it(10, 1);
  it.have("two", "10.2.0.1");
  it.containers.at("two")->ips.push_back("10.2.0.2");
  it.world.plug_in(it.containers.at("two"));
  it.world.dns.add("web", "10.2.0.2");
  it.world.dns.add("two", "10.2.0.2");
  it.loop->hurry();
  it.rounds(12);
  it.run(1s);
  it.take_told();
  it.restart_node("two");
  it.loop->hint("10.2.0.1");
  it.run(400ms);
  CHECK(it.non_members().empty());
  CHECK(it.take_told() == Texts{"left app@two", "joined app@two"});
}

TEST_CASE("a second node of a name that comes later takes it from nobody, whomever a round asks") {
  Quiet it(10, 1);
  auto& second = it.start("second", "10.2.0.1");
  second.nodes[0].name = "app@n7";
  it.world.dns.add("n7", "10.2.0.1");
  SECTION("the DNS tells of it") { second.runs_from = it.world.now(); }
  SECTION("it tells of itself") {
    it.run(301ms);
    it.loop->hint("10.2.0.1");
  }
  SECTION("it is busy at first") {
    second.nodes[0].manner = sim::Identification::Outcome::busy;
    it.rounds(1);
    second.nodes[0].manner = sim::Identification::Outcome::identified;
  }
  SECTION("both tell of themselves, in turn") {
    for (unsigned i = 0; i < 20; ++i) {
      it.loop->hint(i % 2 == 0 ? "10.2.0.1" : ip_of(7));
      it.run(200ms);
    }
  }
  it.run(90s);
  CHECK(it.take_told() == Texts{"left app@n7"});
  CHECK(it.has_non_member("app@n7", "several nodes have this name"));
  CHECK(it.non_members().size() == 2);
}

TEST_CASE("while two nodes have one name none joins under it, whatever is hinted at and asked") {
  for (uint32_t seed = 0; seed < 60; ++seed) {
    INFO(seed);
    Random random(seed);
    Quiet it(5 + random.below(10), 1 + random.below(4));
    it.run(Time(random.below(20'000)));
    auto& second = it.start("second", "10.2.0.1");
    second.nodes[0].name = "app@n3";
    it.world.dns.add("n3", "10.2.0.1");
    for (auto& [name, container] : it.containers) container->latency = Time(1 + random.below(400));
    const std::vector<std::string> hints = {"10.2.0.1", ip_of(3), ip_of(1), "10.9.9.9"};
    for (unsigned i = 0; i < 100; ++i) {
      it.run(Time(random.below(1500)));
      if (random.one_in(3)) it.restart_node("n1");
      it.loop->hint(hints[random.below(hints.size())]);
    }
    Texts told = it.take_told();
    std::erase_if(told, [](const std::string& each) { return each.ends_with(" app@n1"); });
    CHECK(told == Texts{"left app@n3"});
  }
}
