// What a quiet round asks, and what hints are good for.
#include <algorithm>

#include "catch.h"
#include "sim/quiet_cluster.h"

using namespace std::chrono_literals;
using sim::ip_of;
using sim::Quiet;
using sim::Time;
using Texts = std::vector<std::string>;

TEST_CASE("a quiet round asks the DNS, and some EPMDs in turn") {
  Quiet it(10, 3);
  it.rounds(10);
  CHECK(it.names_asked() == 30);
  CHECK(it.world.dns_asked["web"] == 10);
  for (const auto& [epmd, times] : it.world.names_asked) CHECK(times == 3);
  CHECK(it.sames == 10);
  CHECK(it.names().size() == 10);
}

TEST_CASE("what a quiet round asks does not grow with the cluster") {
  for (const unsigned count : {10U, 100U, 1000U, 5000U}) {
    INFO(count);
    Quiet it(count, discovery::Settings{}.asked_in_turn);
    it.rounds(5);
    CHECK(it.names_asked() == 5 * std::min(count, 100U));
    const unsigned questions =
        std::accumulate(it.world.dns_asked.begin(), it.world.dns_asked.end(), 0U,
                        [](unsigned sum, const auto& each) { return sum + each.second; });
    CHECK(questions <= 5 * (1 + std::min(count, 100U)));
    CHECK(it.sames == 5);
  }
}

TEST_CASE("in turn it is noticed that a node has ended, and one that is missing is asked again") {
  Quiet it(10, 1);
  it.containers.at("n7")->nodes.clear();
  it.rounds(10);
  CHECK(it.take_told() == Texts{"left app@n7"});
  it.containers.at("n3")->is_paused = true;
  it.rounds(10 + 3);
  CHECK(it.take_told() == Texts{"left app@n3"});
  it.containers.at("n3")->is_paused = false;
  it.rounds(10);
  CHECK(it.take_told() == Texts{"joined app@n3"});
}

TEST_CASE("a container that is gone is missed in quiet rounds too") {
  Quiet it(10, 1);
  it.stop("n7");
  it.rounds(2);
  CHECK(it.sames == 0);
  CHECK(it.take_told().empty());
  it.rounds(1);
  CHECK(it.take_told() == Texts{"left app@n7"});
}

TEST_CASE("one that was missing for a moment is asked again, and stays") {
  Quiet it(10, 1);
  it.containers.at("n3")->is_paused = true;
  for (int i = 0; i < 12 && !it.member("app@n3").is_missing; ++i) it.rounds(1);
  REQUIRE(it.member("app@n3").is_missing);
  it.containers.at("n3")->is_paused = false;
  it.rounds(12);
  CHECK(it.take_told().empty());
}

TEST_CASE("a slow EPMD that was silent is heard again, whatever its turn") {
  for (const int rounds_between : {0, 1}) {
    INFO(rounds_between);
    Quiet it(10, 1);
    it.containers.at("n3")->latency = 600ms;
    it.containers.at("n3")->is_paused = true;
    it.rounds(30);
    CHECK(it.take_told() == Texts{"left app@n3"});
    // A round in which nobody has a turn: by then, what is an even round to others is odd to it.
    for (int i = 0; i < rounds_between; ++i) it.loop->hint("10.9.9.9");
    it.rounds(1);
    it.containers.at("n3")->is_paused = false;
    it.rounds(40);
    CHECK(it.take_told() == Texts{"joined app@n3"});
  }
}

TEST_CASE("in a large cluster hints are followed less often") {
  Quiet it(400, 10);
  it.rounds(1);
  it.forget();
  for (int i = 0; i < 100; ++i) {
    sim::Container& container = *it.containers.at("n" + std::to_string(i));
    container.nodes.push_back(it.a_node("new@n" + std::to_string(i)));
    it.loop->hint(ip_of(static_cast<unsigned>(i)));
    it.run(40ms);
  }
  CHECK(it.told_at.size() <= 12);  // in 4 s, 400 ms apart
  it.run(2s);
  CHECK(it.names().size() == 500);
}

TEST_CASE("no guess is made of another node's place in another container") {
  Quiet it(40, 1);  // longer than reverse names are remembered
  sim::Container& mute = it.have("n40", ip_of(40));
  mute.nodes[0].manner = sim::Identification::Outcome::speaks_tls;
  it.loop->hurry();
  it.rounds(10);
  CHECK(it.take_told() == Texts{"joined app@n40"});
  it.stop("n40");
  it.have("other", ip_of(40)).nodes = {it.a_node("real@other")};
  it.rounds(60);
  Texts told = it.take_told();
  std::sort(told.begin(), told.end());
  CHECK(told == Texts{"joined real@other", "left app@n40"});
}

TEST_CASE("nobody joins by what its EPMD answered some time ago") {
  Quiet it(10, 1);
  it.containers.at("n7")->nodes = {it.a_node("app@elsewhere")};  // which does not resolve
  it.loop->hint(ip_of(7));
  it.rounds(12);
  CHECK(it.take_told() == Texts{"left app@n7"});
  it.containers.at("n7")->nodes.clear();
  it.world.dns.add("elsewhere", ip_of(7));
  it.rounds(30);
  CHECK(it.take_told().empty());
}

TEST_CASE("where there is a hint of news it is looked at once, and nowhere else") {
  Quiet it(10, 1);
  it.containers.at("n7")->nodes.clear();
  it.run(1s);
  it.forget();
  it.loop->hint(ip_of(7));
  it.run(100ms);
  CHECK(it.take_told() == Texts{"left app@n7"});
  CHECK(it.names_asked() == 1);
  it.containers.at("n7")->nodes = {it.a_node("new@n7")};
  it.loop->hint(ip_of(7));
  it.run(100ms);
  CHECK(it.take_told() == Texts{"joined new@n7"});
}

TEST_CASE("a member that a node of this host has lost is looked for at once") {
  Quiet it(400, 10);
  it.containers.at("n300")->nodes.clear();
  it.loop->doubt("app@n300");
  it.loop->doubt("app@nobody");
  it.run(1s);
  CHECK(it.take_told() == Texts{"left app@n300"});
}

TEST_CASE("who tells of news is not asked again and again by the fast rounds after it") {
  Quiet it(10, 0);
  it.loop->hurry();
  it.run(60ms);
  it.forget();
  for (const unsigned teller : {7U, 8U}) it.loop->hint(ip_of(teller));
  it.run(100ms);  // by the hints
  CHECK(it.world.names_asked.at({ip_of(7), 4369}) == 1);
  it.rounds(3);
  CHECK(it.world.names_asked.at({ip_of(8), 4369}) == 1);
  CHECK(it.world.names_asked.at({ip_of(1), 4369}) == 4);
  SECTION("but to tell it of news") {
    it.loop->tell_news();
    it.rounds(1);
    CHECK(it.world.names_asked.at({ip_of(7), 4369}) == 2);
  }
  SECTION("but when somebody asks for it") {
    it.loop->hurry();
    it.rounds(1);
    CHECK(it.world.names_asked.at({ip_of(7), 4369}) == 2);
  }
  SECTION("but in a later time of fast rounds") {
    it.rounds(10);
    it.forget();
    it.loop->tell_news();
    it.rounds(3);
    CHECK(it.world.names_asked.at({ip_of(7), 4369}) == 3);
  }
}

TEST_CASE("what a node that tells no more has told counts for the fast rounds alone") {
  Quiet it(10, 10);
  it.loop->hurry();
  it.run(60ms);
  it.loop->hint(ip_of(7));
  it.run(100ms);
  it.containers.at("n7")->nodes.clear();
  it.rounds(10);
  CHECK(it.take_told() == Texts{"left app@n7"});
}

TEST_CASE("a newcomer is found by its hint as soon as the DNS has it") {
  Quiet it(10, 1);
  it.run(1s);
  it.forget();
  it.have("new", "10.2.0.1");
  it.loop->hint("10.2.0.1");
  it.run(100ms);
  CHECK(it.take_told() == Texts{"joined app@new"});
}

TEST_CASE("a node that is too busy to tell its name is asked again soon after the hint") {
  Quiet it(10, 1);
  sim::Node node = it.a_node("late@n7");
  node.manner = sim::Identification::Outcome::busy;
  it.containers.at("n7")->nodes.push_back(node);
  it.loop->hint(ip_of(7));
  it.run(200ms);
  CHECK(it.take_told().empty());
  it.containers.at("n7")->nodes.back().manner = sim::Identification::Outcome::identified;
  it.run(1s);
  CHECK(it.take_told() == Texts{"joined late@n7"});
}

TEST_CASE("a stranger with hints in plenty causes few rounds") {
  Quiet it(10, 1);
  it.rounds(1);
  const Time begun = it.world.now();
  it.forget();
  while (it.world.now() - begun < 10min) {
    it.loop->hint("10.9.9.9");
    it.run(50ms);
  }
  const auto rounds = it.told_at.size();
  CHECK(rounds > 100);  // one each 5 s in any case
  CHECK(rounds < 250);
  CHECK(it.names_asked() <= rounds);
}

TEST_CASE("a stranger with hints in plenty causes few rounds where there is a guess") {
  Quiet it(10, 1);
  it.have("mute", "10.2.0.1").nodes[0].manner = sim::Identification::Outcome::speaks_tls;
  it.loop->hurry();
  it.rounds(12);
  const Time begun = it.world.now();
  it.forget();
  while (it.world.now() - begun < 10min) {
    it.loop->hint("10.9.9.9");
    it.run(50ms);
  }
  CHECK(it.told_at.size() < 250);
}

TEST_CASE("when our certificates change, those with whom TLS failed are asked, and no others") {
  Quiet it(10, 1);
  it.have("distrusted", "10.2.0.1").nodes[0].manner = sim::Identification::Outcome::tls_failed;
  it.have("deaf", "10.2.0.2").nodes[0].manner = sim::Identification::Outcome::not_allowed;
  it.loop->hurry();
  it.rounds(12);
  it.take_told();
  const unsigned handshakes = it.handshakes();
  it.take_told();
  it.containers.at("distrusted")->nodes[0].manner = sim::Identification::Outcome::identified;
  it.rounds(3);
  CHECK(it.handshakes() == handshakes);
  ++it.world.certificates_changed;
  it.rounds(3);
  CHECK(it.handshakes() == handshakes + 1);
  CHECK(it.take_told() == Texts{"joined app@distrusted"});
}

TEST_CASE("a hint from where no member can be is none") {
  Quiet it(10, 1);
  it.settings.scope.may_be_peer = [](const std::string& ip) { return ip.starts_with("10.1."); };
  it.loop->change(it.settings);
  it.rounds(10);
  it.run(1s);
  it.forget();
  it.loop->hint("10.2.0.1");
  it.run(1s);
  CHECK(it.told_at.empty());
}

TEST_CASE("a hint during a round makes another follow, and delays none that comes sooner") {
  Quiet it(10, 1);
  it.rounds(1);
  it.loop->hurry();
  it.loop->hint(ip_of(7));
  it.forget();
  it.run(60ms);
  CHECK(it.told_at.size() == 1);
  it.containers.at("n1")->latency = 300ms;
  it.loop->hint(ip_of(1));
  it.run(150ms);  // that round is under way
  it.containers.at("n2")->nodes.clear();
  it.loop->hint(ip_of(2));
  it.run(1500ms);
  CHECK(it.take_told() == Texts{"left app@n2"});
}

TEST_CASE("after a change of the options everything is asked, and found, anew") {
  Quiet it(10, 1);
  it.settings.scope.filter.wanted = {"none*"};
  it.loop->change(it.settings);
  it.rounds(1);
  CHECK(it.names().empty());
  it.settings.scope.filter.wanted.clear();
  it.loop->change(it.settings);
  it.forget();
  it.rounds(1);
  CHECK(it.names_asked() == 10);
  CHECK(it.names().size() == 10);
}
