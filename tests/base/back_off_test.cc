#include "base/back_off.h"

#include "catch.h"

using namespace std::chrono_literals;
using base::BackOff;

TEST_CASE("what has not failed is due") {
  CHECK(BackOff().is_due(0ms));
  CHECK(BackOff().failures() == 0);
}

TEST_CASE("a wait may be longer than what would be next, and may be cut short") {
  BackOff back_off;
  back_off.fail(0ms, 20s);
  CHECK_FALSE(back_off.is_due(20s - 1ms));
  CHECK(back_off.is_due(20s));
  back_off.fail(20s, 30s);  // 40 s are next
  CHECK_FALSE(back_off.is_due(60s - 1ms));
  back_off.fail(60s, 1h);
  CHECK_FALSE(back_off.is_due(6min - 1ms));
  CHECK(back_off.is_due(6min));
  back_off.expire();
  CHECK(back_off.is_due(0ms));
  CHECK(back_off.failures() == 3);
}

TEST_CASE("each failure doubles the wait, up to five minutes") {
  BackOff back_off;
  BackOff::Time now = 1h;
  for (const BackOff::Time wait :
       {5000ms, 10000ms, 20000ms, 40000ms, 80000ms, 160000ms, 300000ms, 300000ms}) {
    back_off.fail(now);
    CHECK_FALSE(back_off.is_due(now));
    CHECK_FALSE(back_off.is_due(now + wait - 1ms));
    CHECK(back_off.is_due(now + wait));
    now += wait;
  }
  CHECK(back_off.failures() == 8);
}

TEST_CASE("another process goes on waiting") {
  BackOff before;
  before.fail(1h);
  before.fail(1h);
  BackOff after(before.kept());
  CHECK_FALSE(after.is_due(1h + 10s - 1ms));
  CHECK(after.is_due(1h + 10s));
  CHECK(after.failures() == 2);
  after.fail(2h);
  CHECK_FALSE(after.is_due(2h + 20s - 1ms));
}
