#include "logging/event_limit.h"

#include <utility>
#include <vector>

#include "catch.h"

using epmd::EventKind;
using logging::EventLimit;

namespace {

struct Fixture {
  event::Loop loop = {};
  std::vector<std::pair<EventKind, uint64_t>> told = {};
  EventLimit limit{loop, [this](EventKind kind, uint64_t count) { told.push_back({kind, count}); }};

  int passes_of(EventKind kind, int times) {
    int passed = 0;
    for (int i = 0; i < times; ++i) passed += limit.passes(kind) ? 1 : 0;
    return passed;
  }
};

}  // namespace

TEST_CASE("ten events of a kind pass, and the others are told of together") {
  Fixture it;
  CHECK(it.passes_of(EventKind::partial_packet, 25) == 10);
  CHECK(it.told.empty());
  it.limit.flush();
  CHECK(it.told == std::vector<std::pair<EventKind, uint64_t>>{{EventKind::partial_packet, 15}});
  it.limit.flush();
  CHECK(it.told.size() == 1);
}

TEST_CASE("kinds do not crowd one another out") {
  Fixture it;
  CHECK(it.passes_of(EventKind::partial_packet, 11) == 10);
  CHECK(it.passes_of(EventKind::opcode_unknown, 12) == 10);
  it.limit.flush();
  CHECK(it.told == std::vector<std::pair<EventKind, uint64_t>>{{EventKind::partial_packet, 1},
                                                               {EventKind::opcode_unknown, 2}});
}

TEST_CASE("nobody is told when nothing was held back") {
  Fixture it;
  CHECK(it.passes_of(EventKind::partial_packet, 10) == 10);
  it.limit.flush();
  CHECK(it.told.empty());
}

TEST_CASE("what happens once in the life of a daemon, or of a shortage, is never held back") {
  const EventKind kind = GENERATE(EventKind::killed, EventKind::descriptors_exhausted,
                                  EventKind::descriptors_recovered);
  Fixture it;
  CHECK_FALSE(logging::is_caused_by_strangers(kind));
  CHECK(it.passes_of(kind, 1000) == 1000);
}

TEST_CASE("a hundred names may come and go before the others are told of together") {
  const EventKind kind =
      GENERATE(EventKind::registered, EventKind::unregistered, EventKind::name_reused,
               EventKind::owner_had_ended, EventKind::stopped);
  Fixture it;
  CHECK_FALSE(logging::is_caused_by_strangers(kind));
  CHECK(it.passes_of(kind, 1000) == 100);
  it.limit.flush();
  CHECK(it.told == std::vector<std::pair<EventKind, uint64_t>>{{kind, 900}});
}

TEST_CASE("what anybody can cause who can connect is held back") {
  const EventKind kind = GENERATE(
      EventKind::partial_packet, EventKind::opcode_unknown, EventKind::alive2_from_remote,
      EventKind::peer_not_allowed, EventKind::timed_out, EventKind::evicted, EventKind::no_room,
      EventKind::names_req, EventKind::port_please2_unknown, EventKind::read_failed);
  CHECK(logging::is_caused_by_strangers(kind));
}

TEST_CASE("a limit whose window is open can be destroyed") {
  Fixture it;
  it.passes_of(EventKind::partial_packet, 11);
}
