#include <algorithm>

#include "catch.h"
#include "discovery/rounds_seen.h"

using discovery::Aging;
using discovery::NameFilter;
using discovery::Reconciled;

TEST_CASE("whom a list that can be read in part lacks is given the time of silence") {
  const Sighting lacking = sighting("a", "h1");
  const Sighting listed = sighting("b", "h2");
  Members members = reconcile({}, round_of({lacking, listed})).members;
  Sightings round = round_of({listed});
  round.epmds[lacking.epmd] = Epmd::listed;
  round.unreadable = {{lacking.epmd, 2}, {listed.epmd, 1}};
  for (int missed = 1; missed < 3; ++missed) {
    const Reconciled after = reconcile(members, round);
    CHECK(after.changes.empty());
    members = after.members;
  }
  const auto changes = reconcile(members, round).changes;
  CHECK(told(changes) == Texts{"left a@h1"});
  CHECK(changes.front().reason == "its EPMD no longer lists it, as far as its list can be read");
}

TEST_CASE("who is seen first has joined, in the order of the names") {
  const Reconciled result = reconcile({}, round_of({b, a}));
  CHECK(told(result.changes) == Texts{"joined app@a", "joined app@b"});
  CHECK(result.members.size() == 2);
  CHECK(result.members.at("app@a").rounds_missing == 0);
}

TEST_CASE("who is not missing any more has missed nothing") {
  Members members = members_of({a});
  Sightings mute = round_of({});
  mute.epmds[a.epmd] = Epmd::silent;
  for (int i = 0; i < 10; ++i) {
    members = reconcile(members, mute).members;
    members = reconcile(members, mute).members;
    CHECK(members.at("app@a").rounds_missing == 2);
    CHECK(members.at("app@a").is_missing);
    members = reconcile(members, round_of({a})).members;
    CHECK(members.at("app@a").rounds_missing == 0);
    CHECK_FALSE(members.at("app@a").is_missing);
  }
}

TEST_CASE("silence is not absence until it has lasted, and the reason is told") {
  Sightings round = round_of({});
  std::string reason;
  SECTION("mute") {
    round.epmds[a.epmd] = Epmd::silent;
    reason = "its EPMD does not answer";
  }
  SECTION("no EPMD") {
    round.epmds[a.epmd] = Epmd::nonsense;
    reason = "its EPMD does not answer";
  }
  SECTION("refused") {
    round.epmds[a.epmd] = Epmd::refused;
    reason = "its EPMD is gone";
  }
  SECTION("no longer behind the query") { reason = "its address is no longer behind web"; }
  SECTION("and the query is not made any more") {
    round.queries.clear();
    round.queries["db"] = {Resolution::Outcome::failed, {}};
    reason = "it is not looked for any more";
  }
  SECTION("listed, and not seen") {
    round = round_of({a});
    round.seen.clear();
    reason = "it does not answer";
  }
  SECTION("listed, and a non-member") {
    round = round_of({a});
    round.seen.clear();
    round.non_members = {{"app@a", a.node, "web", "because"}};
    reason = "because";
  }
  Members members = members_of({a});
  for (unsigned i = 1; i < discovery::rounds_missing_max; ++i) {
    const Reconciled result = reconcile(members, round);
    CHECK(result.changes.empty());
    CHECK(result.members.at("app@a").rounds_missing == i);
    CHECK(result.members.at("app@a").is_missing);
    members = result.members;
  }
  // Rounds that do not count may come in between.
  for (int i = 0; i < 10; ++i) {
    const Reconciled result = reconcile(members, round, Aging::does_not_count);
    CHECK(result.changes.empty());
    CHECK(result.members.at("app@a").is_missing);
    members = result.members;
  }
  const Reconciled result = reconcile(members, round);
  CHECK(told(result.changes) == Texts{"left app@a"});
  CHECK(result.changes.at(0).reason == reason);
  CHECK(result.members.empty());
}

TEST_CASE("who is no longer listed has left at once, also in a round that does not count") {
  Sightings round = round_of({});
  round.epmds[a.epmd] = Epmd::listed;
  SECTION("nothing is listed") {}
  SECTION("another name is") { round.listed.insert({a.epmd, "web", a.node.port_no}); }
  SECTION("another port is") { round.listed.insert({a.epmd, "app", 1}); }
  const Reconciled result = reconcile(members_of({a}), round, Aging::does_not_count);
  CHECK(told(result.changes) == Texts{"left app@a"});
  CHECK(result.changes.at(0).reason == "its EPMD no longer lists it");
}

TEST_CASE("who is not looked for any more has left at once, whatever became of it") {
  Sightings round = round_of({});
  round.filter = GENERATE(NameFilter{{}, {"app"}}, NameFilter{{"other"}, {}});
  SECTION("its EPMD answers") { round.epmds[a.epmd] = Epmd::listed; }
  SECTION("its EPMD is silent") { round.epmds[a.epmd] = Epmd::silent; }
  SECTION("its address is gone") {}
  SECTION("its query failed") { round.queries["web"].outcome = Resolution::Outcome::failed; }
  const Members before = members_of({a, sighting("other", "b")});
  const Reconciled result = reconcile(before, round, Aging::does_not_count);
  CHECK(told(result.changes) == Texts{"left app@a"});
  CHECK(result.changes.at(0).reason == "it is not looked for any more");
}

TEST_CASE("what nobody could see does not age") {
  Sightings round = round_of({});
  SECTION("its query failed") { round.queries["web"].outcome = Resolution::Outcome::failed; }
  SECTION("one of its queries failed") {
    round.queries["db"].outcome = Resolution::Outcome::failed;
  }
  SECTION("its host part could not be looked up") {
    round = round_of({a});
    round.seen.clear();
    round.non_members = {{"app@a", a.node, "web", "because", true}};
  }
  Members members = members_of({sighting("app", "a", 1, {"web", "db"})});
  for (int i = 0; i < 100; ++i) {
    const Reconciled result = reconcile(members, round);
    CHECK(result.changes.empty());
    CHECK(result.members.at("app@a").rounds_missing == 0);
    CHECK_FALSE(result.members.at("app@a").is_missing);
    members = result.members;
  }
}

TEST_CASE("another query that failed is no excuse") {
  Sightings round = round_of({});
  round.queries["db"].outcome = Resolution::Outcome::failed;
  const Members members = reconcile(members_of({a}), round).members;
  CHECK(members.at("app@a").rounds_missing == 1);
}

TEST_CASE("a query that failed does not hide what an EPMD says") {
  Sightings round = round_of({});
  round.queries["web"].outcome = Resolution::Outcome::failed;
  round.epmds[a.epmd] = Epmd::listed;
  CHECK(told(reconcile(members_of({a}), round).changes) == Texts{"left app@a"});
}

TEST_CASE("a node that is back with another creation has left and joined") {
  const Sighting anew = sighting("app", "a", 2);
  const Reconciled result = reconcile(members_of({a, b}), round_of({anew, b}));
  CHECK(told(result.changes) == Texts{"left app@a", "joined app@a"});
  CHECK(result.changes.at(0).member.creation == 1);
  CHECK(result.changes.at(0).reason == "it was started anew");
  CHECK(result.changes.at(1).member.creation == 2);
  CHECK(result.members.at("app@a").seen.creation == 2);
}

TEST_CASE("a guess is any node of its name, and does not undo what was told") {
  const Reconciled unsure = reconcile(members_of({a}), round_of({guess(a)}));
  CHECK(unsure.changes.empty());
  CHECK(unsure.members.at("app@a").seen.is_verified);
  CHECK(unsure.members.at("app@a").seen.creation == 1);

  const Reconciled sure = reconcile(members_of({guess(a)}), round_of({a}));
  CHECK(sure.changes.empty());
  CHECK(sure.members.at("app@a").seen.is_verified);

  Sighting moved = guess(a);
  moved.node.ip = moved.epmd.ip = "10.9.9.9";
  const Reconciled after = reconcile(members_of({a}), round_of({moved}));
  CHECK(after.members.at("app@a").seen.node.ip == "10.9.9.9");
  CHECK_FALSE(after.members.at("app@a").seen.is_verified);
}

TEST_CASE("of several sightings of a name the best counts, whatever their order") {
  Sighting elsewhere = sighting("app", "a", 1, {"db"});
  elsewhere.node.ip = elsewhere.epmd.ip = "10.9.9.9";
  Sighting other_node = elsewhere;
  other_node.creation = 2;
  const auto pick = [](const Members& before, std::vector<Sighting> seen) {
    const Reconciled one = reconcile(before, round_of(seen));
    std::reverse(seen.begin(), seen.end());
    const Reconciled other = reconcile(before, round_of(seen));
    CHECK(told(one.changes) == told(other.changes));
    CHECK(one.members.at("app@a").seen.node == other.members.at("app@a").seen.node);
    return one.members.at("app@a").seen;
  };
  CHECK(pick({}, {a, guess(elsewhere)}).is_verified);
  CHECK(pick(members_of({a}), {a, elsewhere}).node == a.node);
  CHECK(pick(members_of({elsewhere}), {a, elsewhere}).node == elsewhere.node);
  CHECK(pick(members_of({a}), {a, other_node}).creation == 1);
  CHECK(pick(members_of({other_node}), {a, other_node}).creation == 2);
  // A node started anew is not hidden by a guess that might be the old one.
  CHECK(pick(members_of({a}), {other_node, guess(a)}).creation == 2);
}

TEST_CASE("one member has the queries of all its sightings") {
  const Sighting other = sighting("app", "a", 1, {"db", "web"});
  CHECK(reconcile({}, round_of({a, other})).members.at("app@a").seen.queries == Texts{"web", "db"});
}

TEST_CASE("who has its place has told another name: it has left at once") {
  Sighting other = sighting("app", "b", 2);
  other.node = a.node;
  other.epmd = a.epmd;
  const Reconciled result = reconcile(members_of({a}), round_of({other}));
  CHECK(told(result.changes) == Texts{"left app@a", "joined app@b"});
  CHECK(result.changes.at(0).reason == "the node there calls itself app@b");
  // But a guess is not sure enough.
  CHECK(told(reconcile(members_of({a}), round_of({guess(other)})).changes) ==
        Texts{"joined app@b"});
}
