#include "status/store.h"

#include <string>
#include <vector>

#include "catch.h"
#include "outputs/rounds.h"

using Kind = status::Event::Kind;
using Outcome = discovery::Resolution::Outcome;

namespace {

struct Counter final : epmd::EventSink {
  void record(const epmd::Event& /*event*/) override { ++count; }
  int count = 0;
};

struct Told {
  Told() {
    store.on_happening([this](const status::Event& each) { kinds.push_back(each.kind); });
    rounds.resolve("web", Outcome::answered);
  }
  std::vector<Kind> take() { return std::exchange(kinds, {}); }

  Counter counter = {};
  status::Store store{counter};
  Rounds rounds = {};
  std::vector<Kind> kinds = {};
};

epmd::Event named(epmd::EventKind kind, std::string_view name) {
  return {.kind = kind, .number = 5, .number2 = 40001, .text = name};
}

}  // namespace

TEST_CASE("a board passes every event on, and notes names that come and go") {
  Told told;
  told.store.record(named(epmd::EventKind::registered, "a"));
  told.store.record(named(epmd::EventKind::port_please2_found, "a"));
  told.store.record(named(epmd::EventKind::unregistered, "a"));
  CHECK(told.counter.count == 3);
  CHECK(told.take() == std::vector{Kind::registered, Kind::unregistered});
  const status::Event& first = told.store.happenings().front();
  CHECK(first.alive_name == "a");
  CHECK(first.creation == 5);
  CHECK(first.port_no == 40001);
  CHECK(first.number == 1);
}

TEST_CASE("a board's revision changes with what it shows of members, and only then") {
  Told told;
  uint64_t before = told.store.revision();
  const auto has_changed = [&] { return std::exchange(before, told.store.revision()) != before; };
  told.rounds.join(sighting("a@h"));
  told.rounds.tell(told.store);
  CHECK(has_changed());
  told.rounds.tell(told.store);
  CHECK_FALSE(has_changed());
  told.store.record(named(epmd::EventKind::registered, "a"));
  CHECK_FALSE(has_changed());
  told.rounds.members["a@h"].seen.creation = 8;
  told.rounds.tell(told.store);
  CHECK(has_changed());
  told.rounds.members["a@h"].rounds_missing = 1;
  told.rounds.tell(told.store);
  CHECK(has_changed());
  CHECK(told.store.missing() == 1);
  told.rounds.members["a@h"] = {sighting("a@h", 8)};
  told.rounds.members["a@h"].seen.is_verified = false;
  told.rounds.tell(told.store);
  CHECK(has_changed());
  CHECK(told.store.missing() == 0);
  CHECK(told.store.guessed() == 1);
  told.rounds.resolve("web", Outcome::failed, "nobody answers");
  told.rounds.tell(told.store);
  CHECK(has_changed());
  told.rounds.leave("a@h");
  told.rounds.tell(told.store);
  CHECK(has_changed());
  CHECK(told.store.guessed() == 0);
  told.store.forget_members();
  CHECK(has_changed());
}

TEST_CASE("a board notes who joins and leaves, and nothing when all is as before") {
  Told told;
  told.rounds.join(sighting("a@h"));
  told.rounds.tell(told.store);
  CHECK(told.take() == std::vector{Kind::joined, Kind::changed});
  told.rounds.tell(told.store);
  CHECK(told.take().empty());
  const status::Moment since = told.store.members().at("a@h").since;
  told.rounds.join(sighting("b@h"));
  told.rounds.tell(told.store);
  CHECK(told.store.members().at("a@h").since == since);
  told.take();
  told.rounds.leave("a@h");
  told.rounds.tell(told.store);
  CHECK(told.take() == std::vector{Kind::left});
  CHECK(told.store.members().size() == 1);
}

TEST_CASE(
    "a board notes other non-members, other answers of the DNS, and other nodes of this host") {
  Told told;
  told.rounds.tell(told.store);
  told.take();
  SECTION("non_members") {
    told.rounds.sightings.non_members.push_back({"x@h", {"192.0.2.1", 1}, "web", "w"});
  }
  SECTION("outcomes") { told.rounds.resolve("web", Outcome::failed, "no answer"); }
  SECTION("addresses") {
    told.rounds.sightings.queries["web"].endpoints.push_back({"192.0.2.9", 4369});
  }
  SECTION("local nodes") { told.rounds.sightings.locals.push_back({{"me", "h"}, {}, 3, 0}); }
  told.rounds.tell(told.store);
  CHECK(told.take() == std::vector{Kind::changed});
  told.rounds.tell(told.store);
  CHECK(told.take().empty());
}

TEST_CASE("a board counts the rounds and the members of the queries that are looked for") {
  Told told;
  told.store.look_for({{.text = "web"}, {.text = "db"}});
  const auto of = [&told](const char* query) { return told.store.query_counts().at(query); };
  CHECK(of("web").rounds.all() == 0);
  told.rounds.join(sighting("a@h"));
  told.rounds.join(sighting("b@h"));
  told.rounds.members.at("b@h").seen.queries = {"web", "db", "elsewhere"};
  told.rounds.resolve("db", Outcome::failed, "no answer");
  told.rounds.resolve("elsewhere", Outcome::empty);
  told.rounds.tell(told.store);
  CHECK(of("web").members == 2);
  CHECK(of("db").members == 1);
  CHECK(of("web").rounds.of(Outcome::answered) == 1);
  CHECK(of("db").rounds.of(Outcome::failed) == 1);
  told.rounds.members.at("b@h").rounds_missing = 1;
  told.rounds.tell(told.store);
  CHECK(of("web").members == 1);
  told.rounds.members.at("b@h").rounds_missing = 0;
  told.rounds.tell(told.store);
  told.store.look_for({{.text = "web"}, {.text = "elsewhere"}});
  CHECK(told.store.query_counts().size() == 2);
  CHECK(of("web").members == 2);
  CHECK(of("web").rounds.all() == 3);
  CHECK(of("elsewhere").members == 1);
  CHECK(of("elsewhere").rounds.all() == 0);
  told.store.forget_members();
  CHECK(told.store.query_counts().empty());
}

TEST_CASE("a board notes that a member is missing, and that it is back") {
  Told told;
  told.rounds.join(sighting("a@h"));
  told.rounds.tell(told.store);
  told.take();
  told.rounds.members.at("a@h").rounds_missing = 1;
  told.rounds.tell(told.store);
  CHECK(told.take() == std::vector{Kind::changed});
  told.rounds.members.at("a@h").rounds_missing = 0;
  told.rounds.members.at("a@h").seen.is_verified = false;
  told.rounds.tell(told.store);
  CHECK(told.take() == std::vector{Kind::changed});
}

TEST_CASE("rounds are counted by how much the DNS has answered") {
  Told told;
  told.rounds.tell(told.store);
  told.rounds.resolve("other", Outcome::failed);
  told.rounds.tell(told.store);
  told.rounds.resolve("web", Outcome::failed);
  told.rounds.tell(told.store);
  for (const auto outcome :
       {status::Store::RoundOutcome::complete, status::Store::RoundOutcome::partial,
        status::Store::RoundOutcome::blind})
    CHECK(told.store.rounds().by_outcome.of(outcome) == 1);
  CHECK(told.store.rounds().took_all == discovery::Time(15));
}

TEST_CASE("a member that comes back with another creation was restarted") {
  Told told;
  told.rounds.join(sighting("a@h", 7));
  told.rounds.tell(told.store);
  told.rounds.leave("a@h");
  told.rounds.tell(told.store);
  CHECK(told.store.restarts() == 0);
  SECTION("the same one") {
    told.rounds.join(sighting("a@h", 7));
    told.rounds.tell(told.store);
    CHECK(told.store.restarts() == 0);
  }
  SECTION("another one") {
    told.rounds.join(sighting("a@h", 8));
    told.rounds.tell(told.store);
    CHECK(told.store.restarts() == 1);
  }
  SECTION("another one, within a round") {
    told.rounds.join(sighting("a@h", 8));
    told.rounds.leave("a@h");
    told.rounds.join(sighting("a@h", 9));
    told.rounds.tell(told.store);
    CHECK(told.store.restarts() == 2);
  }
}

TEST_CASE("a board remembers the last happenings only") {
  Told told;
  for (size_t i = 0; i < status::Store::happenings_max + 5; ++i)
    told.store.record(named(epmd::EventKind::registered, "a"));
  CHECK(told.store.happenings().size() == status::Store::happenings_max);
  CHECK(told.store.happenings().front().number == 6);
}

TEST_CASE("members are forgotten when nobody looks for them any more") {
  Told told;
  told.rounds.join(sighting("a@h"));
  told.rounds.tell(told.store);
  told.take();
  CHECK(told.store.rounds().is_over());
  told.store.forget_members();
  CHECK_FALSE(told.store.rounds().is_over());
  CHECK(told.store.members().empty());
  CHECK(told.store.queries().empty());
  CHECK(told.take() == std::vector{Kind::changed});
  told.store.tell({{}, {}, {}});  // nothing was found, but the daemon is ready
  CHECK(told.take() == std::vector{Kind::changed});
}
