#include "discovery/reconcile.h"

#include <algorithm>
#include <optional>

#include "catch.h"
#include "seeds.h"

using discovery::Aging;
using discovery::Change;
using discovery::Endpoint;
using discovery::ListedNode;
using discovery::Members;
using discovery::NameFilter;
using discovery::NonMember;
using discovery::reconcile;
using discovery::Reconciled;
using discovery::Resolution;
using discovery::Sighting;
using discovery::Sightings;
using Epmd = discovery::NamesAnswer::Outcome;
using Texts = std::vector<std::string>;

namespace {

Sighting sighting(const std::string& alive_name, const std::string& host, uint32_t creation = 1,
                  const Texts& queries = {"web"}) {
  Sighting seen;
  seen.name = {alive_name, host};
  seen.node = {"ip-" + host, 41000};
  seen.epmd = {"ip-" + host, 4369};
  seen.queries = queries;
  seen.is_verified = true;
  seen.creation = creation;
  return seen;
}

Sighting guess(Sighting seen) {
  seen.is_verified = false;
  seen.creation = 0;
  return seen;
}

ListedNode place_of(const Sighting& seen) {
  return {seen.epmd, seen.name.alive_name, seen.node.port_no};
}

/// A round in which all of `seen` were found, and nothing failed.
Sightings round_of(const std::vector<Sighting>& seen) {
  Sightings sightings;
  sightings.seen = seen;
  sightings.queries["web"] = {Resolution::Outcome::answered, {}};
  for (const Sighting& each : seen) {
    sightings.epmds[each.epmd] = Epmd::listed;
    sightings.listed.insert(place_of(each));
  }
  return sightings;
}

Texts told(const std::vector<Change>& changes) {
  Texts texts;
  for (const Change& change : changes)
    texts.push_back((change.kind == Change::Kind::joined ? "joined " : "left ") +
                    change.member.name.to_string());
  return texts;
}

Members members_of(const std::vector<Sighting>& seen) {
  return reconcile({}, round_of(seen)).members;
}

const Sighting a = sighting("app", "a");
const Sighting b = sighting("app", "b");

}  // namespace

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

namespace {

/// Rounds as chance will have them, of a few names, addresses and queries.
class Rounds {
 public:
  explicit Rounds(uint32_t seed) : random_(seed) {}

  Sightings next() {
    Sightings round;
    for (const char* const query : {"web", "db"}) {
      const uint32_t drawn = random_.below(4);
      round.queries[query].outcome = drawn == 0   ? Resolution::Outcome::failed
                                     : drawn == 1 ? Resolution::Outcome::empty
                                                  : Resolution::Outcome::answered;
    }
    for (uint32_t left = random_.below(8); left > 0; --left) add_place(round);
    return round;
  }

 private:
  void add_place(Sightings& round) {
    Sighting seen =
        sighting(random_.one_in(2) ? "app" : "web",
                 std::string(1, static_cast<char>('a' + random_.below(4))), 1 + random_.below(2));
    seen.queries = {random_.one_in(2) ? "web" : "db"};
    if (random_.one_in(4)) seen.node.port_no = 42000;
    if (random_.one_in(4)) seen.node.ip = seen.epmd.ip = "ip-a";
    if (random_.one_in(4)) seen = guess(seen);
    const auto outcome = static_cast<Epmd>(random_.below(4));
    const auto [asked, is_first] = round.epmds.emplace(seen.epmd, outcome);
    if (asked->second != Epmd::listed || !random_.below(8)) return;
    round.listed.insert(place_of(seen));
    const uint32_t drawn = random_.below(6);
    if (drawn == 0)
      round.non_members.push_back({"app", seen.node, "web", "why", random_.one_in(2)});
    if (drawn > 1) round.seen.push_back(seen);
  }

  Random random_;
};

/// Why a member may leave in this round, told independently of how it is decided.
void check_left(const discovery::Member& before, const Sightings& round, Aging aging) {
  const Sighting& seen = before.seen;
  const auto asked = round.epmds.find(seen.epmd);
  if (asked == round.epmds.end()) {
    for (const std::string& query : seen.queries)
      REQUIRE(round.queries.at(query).outcome != Resolution::Outcome::failed);
    REQUIRE(aging == Aging::counts);
    REQUIRE(before.rounds_missing + 1 == discovery::rounds_missing_max);
    return;
  }
  const bool is_unlisted = asked->second == Epmd::listed && !round.listed.contains(place_of(seen));
  const bool is_displaced =
      std::any_of(round.seen.begin(), round.seen.end(), [&](const Sighting& other) {
        return other.node == seen.node && other.is_verified && !(other.name == seen.name);
      });
  if (is_unlisted || is_displaced) return;
  REQUIRE(aging == Aging::counts);
  REQUIRE(before.rounds_missing + 1 == discovery::rounds_missing_max);
}

void check_changes(const Members& before, const Reconciled& result, const Sightings& round,
                   Aging aging) {
  std::map<std::string, std::optional<uint32_t>> replayed;
  for (const auto& [name, member] : before) replayed[name] = member.seen.creation;
  std::pair<bool, std::string> last;
  for (const Change& change : result.changes) {
    const std::string name = change.member.name.to_string();
    const std::pair place = {!before.contains(name), name};
    REQUIRE(last <= place);
    last = place;
    auto& present = replayed[name];
    const bool is_joined = change.kind == Change::Kind::joined;
    REQUIRE(present.has_value() != is_joined);
    present = is_joined ? std::optional(change.member.creation) : std::nullopt;
    REQUIRE(change.reason.empty() == is_joined);
    const bool is_restart = result.members.contains(name);
    if (!is_joined && !is_restart) check_left(before.at(name), round, aging);
  }
  std::erase_if(replayed, [](const auto& entry) { return !entry.second; });
  REQUIRE(replayed.size() == result.members.size());
  for (const auto& [name, member] : result.members) REQUIRE(replayed.contains(name));
}

}  // namespace

TEST_CASE("members before and changes make members after, and nobody leaves without a reason") {
  for (const uint32_t seed : seeds()) {
    INFO("seed " << seed);
    Rounds rounds(seed);
    Random random(seed);
    Members members;
    size_t changes = 0;
    for (int i = 0; i < 2000; ++i) {
      const Sightings round = rounds.next();
      const Aging aging = random.one_in(4) ? Aging::does_not_count : Aging::counts;
      const Reconciled result = reconcile(members, round, aging);
      check_changes(members, result, round, aging);
      changes += result.changes.size();
      members = result.members;
    }
    CHECK(changes > 1000);
  }
}

TEST_CASE("the same round again, without age, changes nothing more") {
  for (const uint32_t seed : seeds()) {
    INFO("seed " << seed);
    Rounds rounds(seed);
    Members members;
    for (int i = 0; i < 2000; ++i) {
      const Sightings round = rounds.next();
      const Reconciled once = reconcile(members, round);
      const Reconciled twice = reconcile(once.members, round, Aging::does_not_count);
      REQUIRE(told(twice.changes) == Texts{});
      REQUIRE(twice.members.size() == once.members.size());
      members = once.members;
    }
  }
}

TEST_CASE("a round in which all queries failed and nobody was asked changes nothing at all") {
  for (const uint32_t seed : seeds()) {
    INFO("seed " << seed);
    Rounds rounds(seed);
    Members members;
    Sightings failed;
    for (const char* const query : {"web", "db"})
      failed.queries[query].outcome = Resolution::Outcome::failed;
    for (int i = 0; i < 500; ++i) {
      members = reconcile(members, rounds.next()).members;
      const Reconciled result = reconcile(members, failed);
      REQUIRE(result.changes.empty());
      REQUIRE(result.members.size() == members.size());
      for (const auto& [name, member] : members)
        REQUIRE(result.members.at(name).rounds_missing == member.rounds_missing);
    }
  }
}
