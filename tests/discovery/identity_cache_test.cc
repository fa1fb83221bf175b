#include "discovery/identity_cache.h"

#include "catch.h"

using namespace std::chrono_literals;
using discovery::Identification;
using discovery::IdentityCache;
using discovery::ListedNode;
using discovery::Time;
using Outcome = discovery::Identification::Outcome;

namespace {

const ListedNode place = {{"10.0.0.2", 4369}, "app", 41000};

Identification of(Outcome outcome) { return {outcome, {}}; }

bool yes(const ListedNode&) { return true; }
bool no(const ListedNode&) { return false; }

/// The waits until the place is asked again, each time with the same outcome.
std::vector<Time> waits(Outcome outcome, size_t count) {
  IdentityCache identities;
  std::vector<Time> found;
  Time now = 100s;
  while (found.size() < count) {
    identities.learn(place, of(outcome), now);
    Time wait = 0s;
    while (identities.find(place, now + wait)) wait += 500ms;
    found.push_back(wait);
    now += wait;
  }
  return found;
}

}  // namespace

TEST_CASE("who told its name is never asked again") {
  IdentityCache identities;
  CHECK_FALSE(identities.find(place, 0s));
  identities.learn(place, of(Outcome::identified), 0s);
  REQUIRE(identities.find(place, 24h * 365));
  CHECK(identities.find(place, 24h * 365)->outcome == Outcome::identified);
}

TEST_CASE("a place is its EPMD, its alive name, its port, and its registration if that is ours") {
  IdentityCache identities;
  identities.learn(place, of(Outcome::identified), 0s);
  for (const ListedNode& other :
       {ListedNode{{"10.0.0.3", 4369}, "app", 41000}, ListedNode{{"10.0.0.2", 1}, "app", 41000},
        ListedNode{{"10.0.0.2", 4369}, "web", 41000}, ListedNode{{"10.0.0.2", 4369}, "app", 1},
        ListedNode{{"10.0.0.2", 4369}, "app", 41000, 7}})
    CHECK_FALSE(identities.find(other, 0s));
}

TEST_CASE("who refuses is asked again after an hour") {
  const Outcome outcome = GENERATE(Outcome::not_allowed, Outcome::speaks_tls, Outcome::tls_failed);
  CHECK(waits(outcome, 3) == std::vector<Time>{1h, 1h, 1h});
}

TEST_CASE("who was not asked, as we have no certificate yet, is nobody's failure") {
  CHECK(waits(Outcome::not_asked, 3) == std::vector<Time>{2s, 2s, 2s});
  IdentityCache identities;
  identities.learn(place, {Outcome::not_asked, {}, "no certificate"}, 0s);
  identities.learn(place, {Outcome::closed, {}, {}}, 2s);
  CHECK_FALSE(identities.find(place, 2s));
}

TEST_CASE("who closed without a word is asked once more before it counts as one who refuses") {
  CHECK(waits(Outcome::closed, 3) == std::vector<Time>{0s, 1h, 1h});
}

TEST_CASE("who was busy is asked in the next round") {
  CHECK(waits(Outcome::busy, 3) == std::vector<Time>{0s, 0s, 0s});
}

TEST_CASE("who did not answer is asked again ever more seldom, down to twice a minute") {
  const Outcome outcome = GENERATE(Outcome::silent, Outcome::refused);
  CHECK(waits(outcome, 6) == std::vector<Time>{2s, 4s, 8s, 16s, 30s, 30s});
}

TEST_CASE("who was not understood is asked again ever more seldom, down to once an hour") {
  const auto found = waits(Outcome::nonsense, 14);
  CHECK(found[0] == 2s);
  CHECK(found[1] == 4s);
  CHECK(found[10] == 2048s);
  CHECK(found[11] == 1h);
  CHECK(found[13] == 1h);
}

TEST_CASE("places that are listed no more are forgotten, those that may be are not") {
  IdentityCache identities;
  identities.learn(place, of(Outcome::identified), 1s);
  identities.keep({place}, no, 1s);
  CHECK(identities.contains(place));
  identities.keep({}, yes, 2s);
  CHECK(identities.contains(place));
  identities.keep({}, no, 3s);
  CHECK_FALSE(identities.contains(place));
  CHECK(identities.size() == 0);
}

TEST_CASE("what may be listed, but was not seen for an hour, is forgotten") {
  IdentityCache identities;
  identities.learn(place, of(Outcome::speaks_tls), 1s);
  identities.keep({place}, yes, 1s);
  identities.keep({}, yes, 1h);
  CHECK(identities.contains(place));
  identities.keep({}, yes, 1h + 1s);
  CHECK_FALSE(identities.contains(place));
}

TEST_CASE("what is forgotten is asked, and doubted from the beginning") {
  IdentityCache identities;
  for (int i = 0; i < 5; ++i) identities.learn(place, of(Outcome::nonsense), 0s);
  CHECK(identities.find(place, 30s));
  identities.forget(place);
  CHECK_FALSE(identities.find(place, 0s));
  identities.learn(place, of(Outcome::nonsense), 0s);
  CHECK_FALSE(identities.find(place, 2s));
}
