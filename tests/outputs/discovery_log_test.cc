#include "outputs/discovery_log.h"

#include "catch.h"
#include "logging/captured_log.h"
#include "outputs/rounds.h"

using discovery::NonMember;
using outputs::DiscoveryLog;
using Outcome = discovery::Resolution::Outcome;

namespace {

struct Fixture {
  CapturedLog log{};
  base::RateLimit::Time now = {};
  DiscoveryLog discovery_log{[this] { return now; }};
  Rounds rounds = {};

  /// What so many rounds say.
  std::string rounds_say(int count) {
    for (int round = 0; round < count; ++round) rounds.tell(discovery_log);
    return log.take();
  }
};

NonMember non_member(const std::string& name,
                     const std::string& why = "nobody listens at its port") {
  return {name, {"192.0.2.1", 40001}, "web", why};
}

}  // namespace

TEST_CASE("a query that fails is logged once, and again only when it resolves") {
  Fixture it;
  it.rounds.resolve("web", Outcome::failed, "192.0.2.53: timeout");
  CHECK(it.rounds_say(3) ==
        "warning cannot resolve web: 192.0.2.53: timeout; the members behind it stay as they are "
        "until the DNS answers\n");
  it.rounds.resolve("web", Outcome::empty);
  CHECK(it.rounds_say(2) == "info web resolves again\n");
  it.rounds.resolve("web", Outcome::failed, "another reason");
  CHECK(it.rounds_say(1).starts_with("warning cannot resolve web: another reason"));
}

TEST_CASE("each query is logged for itself, and one that resolves says nothing") {
  Fixture it;
  it.rounds.resolve("db", Outcome::answered);
  CHECK(it.rounds_say(2).empty());
  it.rounds.resolve("web", Outcome::failed, "why");
  CHECK(it.rounds_say(1).starts_with("warning cannot resolve web"));
  it.rounds.resolve("db", Outcome::failed, "why");
  CHECK(it.rounds_say(1).starts_with("warning cannot resolve db"));
}

TEST_CASE("what a query has and cannot be asked is logged once, as long as the DNS says so") {
  Fixture it;
  it.rounds.resolve("srv:web", Outcome::answered);
  it.rounds.sightings.queries["srv:web"].unusable = {"its SRV target a has no address"};
  CHECK(it.rounds_say(3) == "warning srv:web: its SRV target a has no address\n");
  it.rounds.sightings.queries["srv:web"].unusable.emplace_back("its SRV record has port 0 for b");
  CHECK(it.rounds_say(2) == "warning srv:web: its SRV record has port 0 for b\n");
  it.rounds.sightings.queries["srv:web"].unusable.clear();
  CHECK(it.rounds_say(2).empty());
}

TEST_CASE("a node that is no member for a round only is not worth a line") {
  Fixture it;
  it.rounds.sightings.non_members = {non_member("a@h")};
  CHECK(it.rounds_say(1).empty());
  it.rounds.sightings.non_members.clear();
  CHECK(it.rounds_say(1).empty());
  it.rounds.sightings.non_members = {non_member("a@h")};
  CHECK(it.rounds_say(1).empty());
}

TEST_CASE("a node that stays no member is logged once, with the reason, as long as it lasts") {
  Fixture it;
  it.rounds.sightings.non_members = {non_member("a@h")};
  CHECK(it.rounds_say(5) ==
        "warning a@h at 192.0.2.1:40001 via web is not a member: nobody listens at its port\n");
  it.rounds.sightings.non_members = {non_member("a@h", "another reason")};
  CHECK(it.rounds_say(5) ==
        "warning a@h at 192.0.2.1:40001 via web is not a member: another reason\n");
}

TEST_CASE("a node that was a member in between is logged again") {
  Fixture it;
  it.rounds.sightings.non_members = {non_member("a@h")};
  CHECK_FALSE(it.rounds_say(2).empty());
  it.rounds.sightings.non_members.clear();
  it.rounds_say(1);
  it.rounds.sightings.non_members = {non_member("a@h")};
  CHECK_FALSE(it.rounds_say(2).empty());
}

TEST_CASE("odd but legal names are logged as they are") {
  Fixture it;
  it.rounds.sightings.non_members = {non_member("{}%s{0}@h")};
  CHECK(it.rounds_say(2).starts_with("warning {}%s{0}@h at 192.0.2.1:40001 via web"));
}

TEST_CASE("strangers with names without end do not fill the log") {
  Fixture it;
  for (int round = 0; round < 2; ++round) {
    it.rounds.sightings.non_members.clear();
    for (int i = 0; i < 1000; ++i)
      it.rounds.sightings.non_members.push_back(non_member("n" + std::to_string(i) + "@h"));
    it.rounds.tell(it.discovery_log);
  }
  CHECK(it.log.lines() == DiscoveryLog::warnings_per_round + 1);
  CHECK(
      it.log.text().ends_with("warning 980 more nodes are not members, and are not logged one by "
                              "one; `portolan discover` shows them\n"));
  it.log.take();
  CHECK(it.rounds_say(3).empty());
}

TEST_CASE("what is over the limits is logged once, as long as it lasts") {
  Fixture it;
  it.rounds.sightings.dropped = 3;
  const std::string said = it.rounds_say(3);
  CHECK(said.starts_with("warning 3 names or addresses are over the limits"));
  CHECK(std::count(said.begin(), said.end(), '\n') == 1);
  it.rounds.sightings.dropped = 0;
  CHECK(it.rounds_say(1).empty());
  it.rounds.sightings.dropped = 1;
  CHECK_FALSE(it.rounds_say(1).empty());
}

TEST_CASE("who left is logged with the reason; who joined is on standard output already") {
  Fixture it;
  it.rounds.join(sighting("a@h"));
  CHECK(it.rounds_say(1).empty());
  it.rounds.leave("a@h", "its EPMD is gone");
  CHECK(it.rounds_say(1) == "info a@h left: its EPMD is gone\n");
}

TEST_CASE("a hundred who left are logged in a while, and of the others how many there were") {
  Fixture it;
  const auto come_and_go = [&it](int count) {
    for (int i = 0; i < count; ++i) {
      it.rounds.join(sighting("a@h"));
      it.rounds.leave("a@h");
    }
    it.rounds.tell(it.discovery_log);
  };
  come_and_go(101);
  come_and_go(249);
  CHECK(it.log.lines() == 100);
  it.log.take();
  it.now += DiscoveryLog::window;
  CHECK(it.rounds_say(2) == "info 250 more nodes left, not logged one by one\n");
  come_and_go(100);
  CHECK(it.log.lines() == 100);
}

TEST_CASE("who left and was not logged is told of at the end") {
  const CapturedLog log;
  {
    DiscoveryLog discovery_log([] { return base::RateLimit::Time(); });
    Rounds rounds;
    for (int i = 0; i < 101; ++i) {
      rounds.join(sighting("a@h"));
      rounds.leave("a@h");
    }
    rounds.tell(discovery_log);
  }
  CHECK(log.text().ends_with("info 1 more nodes left, not logged one by one\n"));
}

TEST_CASE("strangers whose names change in each round do not fill the log") {
  Fixture it;
  for (int round = 0; round < 100; ++round) {
    it.rounds.sightings.non_members.clear();
    for (int i = 0; i < 30; ++i)
      it.rounds.sightings.non_members.push_back(
          non_member(std::to_string(round / 2 * 100 + i) + "@h"));
    it.rounds.tell(it.discovery_log);
  }
  CHECK(it.log.lines() == DiscoveryLog::warnings_per_round + 1);
  it.log.take();
  it.now += DiscoveryLog::window;
  CHECK(it.rounds_say(1).ends_with(
      "1470 more nodes are not members, and are not logged one by one; `portolan discover` shows "
      "them\n"));
}

TEST_CASE("an EPMD with lines that cannot be read is logged once, as long as that lasts") {
  Fixture it;
  it.rounds.sightings.unreadable = {{{"192.0.2.1", 4369}, 2}};
  CHECK(it.rounds_say(3) ==
        "warning the EPMD at 192.0.2.1:4369 lists 2 lines that cannot be read, and are left out; "
        "an alive name there has a line feed in it, perhaps\n");
  it.rounds.sightings.unreadable.clear();
  CHECK(it.rounds_say(1).empty());
  it.rounds.sightings.unreadable = {{{"192.0.2.1", 4369}, 1}};
  CHECK_FALSE(it.rounds_say(1).empty());
}

TEST_CASE("at the level debug each round has a line") {
  const CapturedLog log(logging::Level::debug);
  DiscoveryLog discovery_log;
  Rounds rounds;
  rounds.join(sighting("a@h"));
  rounds.tell(discovery_log);
  CHECK(log.text() == "debug a round in 5 ms: 1 members, 1 changes, 0 non-members\n");
}

TEST_CASE("an EPMD that does not answer is logged once, when it has lasted") {
  using Answer = discovery::NamesAnswer::Outcome;
  Fixture it;
  it.rounds.sightings.epmds = {{{"192.0.2.1", 5984}, Answer::refused},
                               {{"192.0.2.2", 4369}, Answer::nonsense},
                               {{"192.0.2.3", 4369}, Answer::listed}};
  CHECK(it.rounds_say(DiscoveryLog::rounds_before_epmd - 1).empty());
  CHECK(it.rounds_say(5) ==
        "info no EPMD listens at 192.0.2.1:5984; is that the port of an EPMD, or, from an SRV "
        "record, of another service?\ninfo what listens at 192.0.2.2:4369 is no EPMD\n");
  it.rounds.sightings.epmds.clear();
  CHECK(it.rounds_say(1).empty());
  it.rounds.sightings.epmds = {{{"192.0.2.1", 4369}, Answer::silent}};
  CHECK(it.rounds_say(4) == "info nothing answers at 192.0.2.1:4369\n");
}
