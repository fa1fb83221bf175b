#include <algorithm>
#include <optional>

#include "catch.h"
#include "discovery/rounds_seen.h"
#include "seeds.h"

using discovery::Aging;
using discovery::Reconciled;

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
