// When rounds are, and what changes between them.
#include <algorithm>

#include "catch.h"
#include "sim/cluster.h"

using namespace std::chrono_literals;
using sim::Cluster;
using sim::Fault;
using sim::Time;
using Texts = std::vector<std::string>;

namespace {

std::vector<Time> waits(const Cluster& it) {
  std::vector<Time> between;
  for (size_t i = 1; i < it.told_at.size(); ++i)
    between.push_back(it.told_at[i] - it.told_at[i - 1]);
  return between;
}

}  // namespace

TEST_CASE("the first rounds come fast and then ever slower, up to the interval") {
  Cluster it;
  it.have("a", "10.0.0.2");
  it.begin();
  it.rounds(10);
  Time expected = 100ms;
  for (const Time wait : waits(it)) {
    INFO(wait.count() << " ms");
    CHECK(wait >= expected * 9 / 10);
    CHECK(wait <= expected * 11 / 10 + 20ms);
    expected = std::min<Time>(5s, 2 * expected);
  }
}

TEST_CASE("the interval is jittered, a tenth to either side and everything between") {
  Cluster it;
  it.begin();
  it.rounds(10);
  it.told_at.clear();
  it.rounds(500);
  auto between = waits(it);
  std::sort(between.begin(), between.end());
  CHECK(between.front() >= 4500ms);
  CHECK(between.front() < 4550ms);
  CHECK(between.back() <= 5510ms);
  CHECK(between.back() > 5450ms);
  const Time middle = between[between.size() / 2];
  CHECK((middle > 4900ms && middle < 5100ms));
}

TEST_CASE("hurry() begins a round at once") {
  Cluster it;
  it.have("a", "10.0.0.2");
  it.begin();
  it.rounds(10);
  it.run(1s);
  it.have("b", "10.0.0.3");
  const Time before = it.world.now();
  it.loop->hurry();
  it.rounds(1);
  CHECK(it.world.now() - before < 20ms);
  CHECK(it.names() == Texts{"app@a", "app@b"});
  it.told_at.clear();
  it.rounds(3);
  CHECK(waits(it).front() < 250ms);
}

TEST_CASE("a hurry during a round makes another round follow") {
  Cluster it;
  it.have("a", "10.0.0.2").latency = 400ms;
  it.begin();
  it.rounds(10);
  it.rounds(1);
  it.loop->hurry();
  it.run(10ms);  // the round has begun, and has asked the DNS already
  const Time before = it.world.now();
  it.have("b", "10.0.0.3");
  it.loop->hurry();
  it.rounds(1);
  CHECK(it.names() == Texts{"app@a"});
  const unsigned asked = it.world.dns_asked["web"];
  it.run(1ms);
  CHECK(it.world.dns_asked["web"] == asked + 1);
  it.rounds(1);
  CHECK(it.names() == Texts{"app@a", "app@b"});
  CHECK(it.world.now() - before < 3s);
}

TEST_CASE("a thousand hurries are not a thousand rounds") {
  Cluster it;
  it.have("a", "10.0.0.2");
  it.begin();
  it.rounds(10);
  SECTION("at once") {
    const unsigned before = it.rounds_told;
    for (int i = 0; i < 1000; ++i) it.loop->hurry();
    it.run(90ms);
    CHECK(it.rounds_told - before == 1);
  }
  SECTION("one a millisecond") {
    const unsigned before = it.rounds_told;
    for (int i = 0; i < 1000; ++i) {
      it.loop->hurry();
      it.run(1ms);
    }
    CHECK(it.rounds_told - before >= 10);
    CHECK(it.rounds_told - before <= 21);
  }
}

TEST_CASE("a hurry from within a report is heard") {
  Cluster it;
  it.begin();
  it.rounds(10);
  it.on_report = [&it](const discovery::Report&) { it.loop->hurry(); };
  it.rounds(1);
  it.on_report = {};
  it.told_at.clear();
  const Time before = it.world.now();
  it.rounds(1);
  CHECK(it.world.now() - before < 100ms);
}

TEST_CASE("rounds in a hurry make nobody leave earlier") {
  Cluster it;
  it.have("a", "10.0.0.2");
  it.begin();
  it.rounds(10);
  it.take_told();
  const auto restarts = GENERATE(true, false);
  if (restarts)
    it.containers["a"]->runs_from = it.world.now() + 4s;  // its EPMD refuses until then
  else
    it.containers["a"]->is_paused = true;
  for (int i = 0; i < 40; ++i) {
    it.loop->hurry();
    it.run(100ms);
  }
  CHECK(it.take_told().empty());
  it.containers["a"]->is_paused = false;
  it.run(1min);
  CHECK(it.take_told().empty());
}

TEST_CASE("a node that registers here is known in the next round, which comes at once") {
  Cluster it;
  it.begin();
  it.rounds(10);
  it.have_local("app@self");
  const Time before = it.world.now();
  it.loop->hurry();
  it.rounds(1);
  CHECK(it.world.now() - before < 100ms);
  REQUIRE(it.last.locals.size() == 1);
  CHECK(it.last.locals.at(0).name.to_string() == "app@self");
  CHECK(it.last.locals.at(0).creation == it.self->nodes[0].creation);
}

TEST_CASE("settings that change in the middle of a round are used at once") {
  Cluster it;
  it.have("a", "10.0.0.2").latency = 500ms;
  it.have("b", "10.0.0.3", "db");
  it.begin();
  it.run(100ms);  // the first round waits for a's EPMD
  REQUIRE(it.rounds_told == 0);
  it.loop->change(sim::settings_for({"db"}));
  it.rounds(1);
  CHECK(it.take_told() == Texts{"joined app@b"});
  CHECK(it.world.now() < 200ms);
  it.run(1min);
  CHECK(it.take_told().empty());
  CHECK(it.world.names_asked[{"10.0.0.2", 4369}] == 1);
}

TEST_CASE("members of a query that is no longer made leave, those of others do not") {
  Cluster it({"web", "db"});
  it.have("a", "10.0.0.2");
  it.have("b", "10.0.0.3", "db");
  it.begin();
  it.rounds(10);
  it.take_told();
  it.loop->change(sim::settings_for({"db"}));
  it.run(1min);
  CHECK(it.take_told() == Texts{"left app@a"});
  CHECK(it.reason(2) == "it is not looked for any more");
}

TEST_CASE("a member of two queries, of which one is not made any more, is missed by the other") {
  Cluster it({"web", "db"});
  it.have("a", "10.0.0.2");
  it.world.dns.add("db", "10.0.0.2");
  it.begin();
  it.rounds(10);
  // Gone before the loop has seen that it is a member of one query only.
  it.world.dns.hosts["db"] = {"10.0.0.9"};
  it.loop->change(sim::settings_for({"db"}));
  it.run(1min);
  CHECK(it.take_told() == Texts{"joined app@a", "left app@a"});
  CHECK(it.reason(1) == "its address is no longer behind db");
}

TEST_CASE("who is left out by settings that change leaves at once, and why is told") {
  Cluster it;
  it.have("a", "10.0.0.2").nodes.push_back(it.a_node("db@a"));
  it.begin();
  it.rounds(10);
  REQUIRE(it.take_told() == Texts{"joined app@a", "joined db@a"});
  auto settings = it.settings;
  SECTION("it is ignored") { settings.scope.filter.ignored = {"app"}; }
  SECTION("it is none of those that are wanted") { settings.scope.filter.wanted = {"db"}; }
  SECTION("the DNS fails just then") {
    settings.scope.filter.wanted = {"db"};
    it.world.dns.faults["web"] = Fault::fails;
  }
  SECTION("its container is paused just then") {
    settings.scope.filter.wanted = {"db"};
    it.containers["a"]->is_paused = true;
  }
  it.loop->change(settings);
  it.rounds(1);
  CHECK(it.take_told() == Texts{"left app@a"});
  CHECK(it.reason(2) == "it is not looked for any more");
  it.containers["a"]->is_paused = false;
  it.loop->change(it.settings);
  it.world.dns.faults.clear();
  it.run(1min);
  CHECK(it.take_told() == Texts{"joined app@a"});
}

TEST_CASE("a loop with nothing to look for goes round all the same") {
  Cluster it(Texts{});
  it.begin();
  it.rounds(10);
  CHECK(it.names().empty());
  it.have("a", "10.0.0.2");
  it.loop->change(sim::settings_for({"web"}));
  it.rounds(1);
  CHECK(it.names() == Texts{"app@a"});
  it.loop->change(sim::settings_for({}));
  it.run(1min);
  CHECK(it.names().empty());
}

TEST_CASE("a loop that is destroyed in the middle of a round is never heard of again") {
  for (int steps = 0; steps < 120; ++steps) {
    Cluster it({"web", "db"});
    for (int i = 0; i < 20; ++i)
      it.have("n" + std::to_string(i), "10.0.1." + std::to_string(i), i % 2 ? "web" : "db");
    it.begin();
    for (int i = 0; i < steps; ++i) it.world.step(it.world.now() + 1h);
    it.loop.reset();
    CHECK(it.world.operations_now == 0);
    const unsigned before = it.rounds_told;
    it.run(1min);
    CHECK(it.rounds_told == before);
  }
}

TEST_CASE("a loop may be destroyed from within its report") {
  Cluster it;
  it.have("a", "10.0.0.2");
  it.begin();
  it.on_report = [&it](const discovery::Report&) { it.loop.reset(); };
  it.rounds(1);
  CHECK(it.take_told() == Texts{"joined app@a"});
  CHECK(it.world.operations_now == 0);
}

TEST_CASE("a thousand rounds repeat no handshake") {
  Cluster it;
  for (int i = 0; i < 20; ++i) it.have("n" + std::to_string(i), "10.0.1." + std::to_string(i));
  it.have_local("app@self");
  it.begin();
  it.rounds(1000);
  CHECK(it.handshakes() == 21);
  CHECK(it.names().size() == 20);
}
