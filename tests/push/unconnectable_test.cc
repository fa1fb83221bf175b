#include "push/unconnectable.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "catch.h"
#include "logging/captured_log.h"

using discovery::Identification;
using push::Unconnectable;
using namespace std::chrono_literals;

namespace {

/// Answers what `answer` is, when the test says so.
class PatientProber final : public discovery::Prober {
 public:
  base::Pending ask_names(const discovery::Endpoint&, discovery::Time, OnNames) override {
    FAIL("no EPMD is asked");
    return {};
  }
  base::Pending identify(const discovery::Endpoint&, OnIdentified on_identified) override {
    waiting.push_back(std::move(on_identified));
    return std::make_unique<base::Operation>();
  }

  Identification answer = {};
  std::vector<OnIdentified> waiting = {};
};

const Unconnectable::Incarnation far = {"far@h1", 7};

discovery::Sighting sighting() {
  discovery::Sighting peer;
  peer.name = {"far", "h1"};
  peer.node = {"192.0.2.1", 4000};
  peer.queries = {"web"};
  peer.creation = 7;
  return peer;
}

struct World {
  World() {
    prober.answer = {Identification::Outcome::identified, {}};
    prober.answer.challenge.node_name = "far@h1";
    prober.answer.challenge.creation = 7;
  }
  void fail(Unconnectable::Time at, unsigned failures = 1, const std::string& node = "me@here") {
    unconnectable.note_failure(node, sighting(), failures, "PORTOLAN_COOKIE", at);
    for (const auto& on_identified : std::exchange(prober.waiting, {}))
      on_identified(prober.answer);
  }
  size_t logged(const std::string& part) const {
    const std::string text = log.text();
    size_t count = 0;
    for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
      ++count;
    return count;
  }
  bool rests(Unconnectable::Time at) const { return unconnectable.is_left_alone(far, at); }

  PatientProber prober = {};
  Unconnectable unconnectable{prober};
  CapturedLog log;
};

}  // namespace

TEST_CASE("a peer that answers and cannot be connected to twice is left alone, and logged once") {
  World world;
  world.fail(0s);
  CHECK_FALSE(world.rests(0s));
  world.fail(5s, 2);
  CHECK(world.rests(5s));
  CHECK(world.rests(304s));
  CHECK_FALSE(world.rests(305s));
  world.fail(305s, 3);
  CHECK(world.rests(904s));
  CHECK_FALSE(world.rests(905s));
  CHECK(world.logged("me@here cannot connect to far@h1, although that node answers") == 1);
}

TEST_CASE("the pause doubles up to a day") {
  World world;
  Unconnectable::Time now = 0s;
  unsigned failures = 0;
  for (int tries = 0; tries < 20; ++tries) {
    world.fail(now, ++failures);
    now += 5s;
    while (world.rests(now)) now += 1min;
  }
  world.fail(now, ++failures);
  CHECK(world.rests(now + 24h - 1s));
  CHECK_FALSE(world.rests(now + 24h));
}

TEST_CASE("failures of several nodes at the same moment count once") {
  World world;
  world.fail(0s, 1, "a@here");
  world.fail(1s, 1, "b@here");
  world.fail(4s, 2, "b@here");
  CHECK_FALSE(world.rests(4s));
  world.fail(6s, 2, "a@here");
  CHECK(world.rests(6s));
}

TEST_CASE(
    "a peer that does not answer, or is another by now, is not taken to have another cookie") {
  World world;
  const int what = GENERATE(0, 1, 2);
  if (what == 0) world.prober.answer.outcome = Identification::Outcome::silent;
  if (what == 1) world.prober.answer.challenge.creation = 8;
  if (what == 2) world.prober.answer.challenge.node_name = "other@h1";
  for (unsigned failures = 1; failures <= 3; ++failures) world.fail(failures * 10s, failures);
  CHECK_FALSE(world.rests(30s));
  CHECK(world.logged("does it resolve h1 to 192.0.2.1 as we do") == 1);
  CHECK(world.logged("cookie") == 0);
}

TEST_CASE("a peer that a node here has connected to has the cookie") {
  World world;
  world.unconnectable.note_connected(far);
  for (unsigned failures = 1; failures <= 3; ++failures) world.fail(failures * 10s, failures);
  CHECK_FALSE(world.rests(30s));
  CHECK(world.logged("does it resolve h1 to 192.0.2.1 as we do") == 1);
}

TEST_CASE("with another cookie, or another life of the peer, the pause is over") {
  World world;
  world.fail(0s);
  world.fail(5s, 2);
  REQUIRE(world.rests(5s));
  SECTION("another cookie") { world.unconnectable.forget_all(); }
  SECTION("it is gone") { world.unconnectable.keep({{"far@h1", 8}}); }
  CHECK_FALSE(world.rests(5s));
}
