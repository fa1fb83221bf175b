#include "keeper/watchdog.h"

#include "catch.h"

using keeper::Watchdog;
using Next = Watchdog::Next;
using Time = Watchdog::Time;
using namespace std::chrono_literals;

namespace {

/// Looks each interval, so many times, at a server that answers nothing; the first time it is
/// killed is returned, or zero.
int looks_until_killed(Watchdog& watchdog, Time& now, uint64_t answered, int looks) {
  for (int i = 1; i <= looks; ++i)
    if (watchdog.look(now += Watchdog::interval, answered) == Next::kill) return i;
  return 0;
}

}  // namespace

TEST_CASE("a server that answers is asked again and again") {
  Time now = 0ms;
  Watchdog watchdog(now);
  for (int i = 0; i < 100; ++i)
    CHECK(watchdog.look(now += Watchdog::interval, watchdog.asked()) == Next::ask);
}

TEST_CASE("a server that has not answered twice is killed") {
  Time now = 0ms;
  Watchdog watchdog(now);
  CHECK(looks_until_killed(watchdog, now, 0, 10) == 1 + Watchdog::unanswered_max);
}

TEST_CASE("one answer is enough to begin anew") {
  Time now = 0ms;
  Watchdog watchdog(now);
  CHECK(looks_until_killed(watchdog, now, 0, Watchdog::unanswered_max) == 0);
  CHECK(watchdog.look(now += Watchdog::interval, watchdog.asked()) == Next::ask);
  CHECK(looks_until_killed(watchdog, now, 0, Watchdog::unanswered_max - 1) == 0);
}

TEST_CASE("who was paused together with the server does not blame it") {
  Time now = 0ms;
  Watchdog watchdog(now);
  for (int i = 0; i < 10; ++i) CHECK(watchdog.look(now += Watchdog::interval + 2s, 0) == Next::ask);
}

TEST_CASE("nothing is done before it is time") {
  Watchdog watchdog(1000ms);
  CHECK(watchdog.time_left(1000ms) == Watchdog::interval);
  CHECK(watchdog.look(1000ms + Watchdog::interval - 1ms, 0) == Next::wait);
  CHECK(watchdog.time_left(1000ms + 2 * Watchdog::interval) == 0ms);
}
