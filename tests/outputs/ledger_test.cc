#include "outputs/ledger.h"

#include <map>
#include <string>
#include <vector>

#include "catch.h"
#include "outputs/progress.h"
#include "outputs/rounds.h"
#include "seeds.h"

using discovery::Change;
using outputs::Ledger;
using Texts = std::vector<std::string>;

namespace {

std::string text_of(const Change& change) {
  const bool has_joined = change.kind == Change::Kind::joined;
  return (has_joined ? "+" : "-") + change.member.name.to_string() + "#" +
         std::to_string(change.member.creation) + change.reason;
}

/// All that there is to tell, told.
Texts told(Ledger& ledger) {
  Texts texts;
  while (const auto change = ledger.next()) {
    texts.push_back(text_of(*change));
    ledger.acknowledge(*change);
  }
  return texts;
}

/// As another process goes on with it.
Ledger resumed(const Ledger& ledger) {
  Ledger next;
  next.resume(outputs::kept_sightings(outputs::keep(ledger.members())),
              outputs::kept_untold(outputs::keep(ledger.untold())));
  return next;
}

}  // namespace

TEST_CASE("what changes is told once, in the order of the changes") {
  Ledger ledger;
  ledger.add({joined(sighting("b@h")), joined(sighting("a@h"))});
  CHECK(told(ledger) == Texts{"+b@h#7", "+a@h#7"});
  ledger.add({});
  CHECK(told(ledger).empty());
  ledger.add({left(sighting("a@h"), "gone")});
  CHECK(told(ledger) == Texts{"-a@h#7gone"});
}

TEST_CASE("the next to tell stays the next until it has been told") {
  Ledger ledger;
  ledger.add({joined(sighting("a@h")), joined(sighting("b@h"))});
  CHECK(text_of(*ledger.next()) == "+a@h#7");
  CHECK(text_of(*ledger.next()) == "+a@h#7");
  ledger.acknowledge(*ledger.next());
  CHECK(text_of(*ledger.next()) == "+b@h#7");
}

TEST_CASE("who came and went meanwhile is not told") {
  Ledger ledger;
  ledger.add({joined(sighting("a@h"))});
  ledger.add({left(sighting("a@h"), "gone")});
  CHECK_FALSE(ledger.next());
}

TEST_CASE("who left and came back meanwhile, with the same creation, is not told") {
  Ledger ledger;
  ledger.add({joined(sighting("a@h"))});
  told(ledger);
  ledger.add({left(sighting("a@h"), "gone")});
  ledger.add({joined(sighting("a@h"))});
  CHECK_FALSE(ledger.next());
}

TEST_CASE("a node that was started anew is told as left, then as joined") {
  Ledger ledger;
  ledger.add({joined(sighting("a@h", 7))});
  told(ledger);
  ledger.add({left(sighting("a@h", 7), "it was started anew"), joined(sighting("a@h", 8))});
  CHECK(told(ledger) == Texts{"-a@h#7it was started anew", "+a@h#8"});
}

TEST_CASE("a node that was started anew and left is told as left once, with the last reason") {
  Ledger ledger;
  ledger.add({joined(sighting("a@h", 7))});
  told(ledger);
  ledger.add({left(sighting("a@h", 7), "it was started anew"), joined(sighting("a@h", 8))});
  ledger.add({left(sighting("a@h", 8), "its EPMD is gone")});
  CHECK(told(ledger) == Texts{"-a@h#7its EPMD is gone"});
}

TEST_CASE("what changes while something is being told is told after it") {
  Ledger ledger;
  ledger.add({joined(sighting("a@h"))});
  const auto being_told = ledger.next();
  ledger.add({left(sighting("a@h"), "gone")});
  ledger.acknowledge(*being_told);
  CHECK(told(ledger) == Texts{"-a@h#7gone"});
}

TEST_CASE("who comes and goes while nobody is told leaves nothing behind") {
  Ledger ledger;
  ledger.add({joined(sighting("first@h"))});
  for (int i = 0; i < 1000; ++i) {
    const auto passing = sighting("n" + std::to_string(i) + "@h");
    ledger.add({joined(passing)});
    ledger.add({left(passing, "gone")});
  }
  CHECK(ledger.size() == 1);
  CHECK(told(ledger) == Texts{"+first@h#7"});
}

TEST_CASE("another process goes on with what is still to be told, and why") {
  Ledger ledger;
  ledger.add({joined(sighting("a@h")), joined(sighting("b@h"))});
  told(ledger);
  ledger.add({left(sighting("a@h"), "gone"), joined(sighting("c@h")), joined(sighting("d@h"))});
  ledger.acknowledge(joined(sighting("d@h")));
  Ledger next = resumed(ledger);
  CHECK(told(next) == Texts{"-a@h#7gone", "+c@h#7"});
}

TEST_CASE("an output that was not there is told of all the members") {
  const discovery::Members members = {{"a@h", {sighting("a@h")}}, {"b@h", {sighting("b@h")}}};
  Ledger ledger;
  outputs::resume(ledger, members, nullptr);
  CHECK(told(ledger) == Texts{"+a@h#7", "+b@h#7"});
  Ledger next;
  outputs::resume(next, members, outputs::keep(ledger.untold()));
  CHECK(told(next).empty());
}

TEST_CASE("however slow, a listener who replays what is told knows the members in the end") {
  const uint32_t seed = GENERATE(from_range(seeds()));
  INFO("seed " << seed);
  Random random(seed);
  Ledger ledger;
  std::map<std::string, uint32_t> members;
  std::map<std::string, uint32_t> heard;
  const auto hear = [&](const Change& change) {
    const std::string name = change.member.name.to_string();
    const bool has_joined = change.kind == Change::Kind::joined;
    CHECK(heard.contains(name) != has_joined);
    if (has_joined)
      heard[name] = change.member.creation;
    else
      heard.erase(name);
    ledger.acknowledge(change);
  };
  for (uint32_t round = 0; round < 300; ++round) {
    const std::string name = "n" + std::to_string(random.below(6)) + "@h";
    std::vector<Change> changes;
    if (members.contains(name)) changes.push_back(left(sighting(name, members[name]), "gone"));
    if (members.erase(name) == 0 || random.one_in(2)) {
      changes.push_back(joined(sighting(name, round)));
      members[name] = round;
    }
    ledger.add(changes);
    for (uint32_t times = random.below(3); times > 0 && ledger.next(); --times)
      hear(*ledger.next());
    if (random.one_in(5)) ledger = resumed(ledger);
  }
  while (const auto change = ledger.next()) hear(*change);
  CHECK(heard == members);
  CHECK(ledger.size() == 0);
}
