#include "base/rate_limit.h"

#include "catch.h"

using namespace std::chrono_literals;
using base::RateLimit;

TEST_CASE("the first few occurrences in a window pass and the others are counted") {
  RateLimit limit(3, 100ms);
  for (int i = 0; i < 3; ++i) CHECK(limit.passes(5ms));
  CHECK(limit.suppressed() == 0);
  for (int i = 0; i < 4; ++i) CHECK_FALSE(limit.passes(50ms));
  CHECK(limit.suppressed() == 4);
}

TEST_CASE("a window begins with the first occurrence and lasts as long as it was told") {
  RateLimit limit(1, 100ms);
  CHECK_FALSE(limit.is_open(0ms));
  CHECK(limit.passes(40ms));
  CHECK(limit.is_open(139ms));
  CHECK_FALSE(limit.passes(139ms));
  CHECK_FALSE(limit.is_open(140ms));
  CHECK(limit.passes(140ms));
  CHECK_FALSE(limit.passes(239ms));
}

TEST_CASE("an occurrence at time zero opens a window like any other") {
  RateLimit limit(1, 100ms);
  CHECK(limit.passes(0ms));
  CHECK_FALSE(limit.passes(0ms));
}

TEST_CASE("what was suppressed is remembered past its window, until it is forgotten") {
  RateLimit limit(1, 100ms);
  CHECK(limit.passes(0ms));
  CHECK_FALSE(limit.passes(1ms));
  CHECK(limit.passes(500ms));
  CHECK_FALSE(limit.passes(501ms));
  CHECK(limit.suppressed() == 2);
  limit.forget_suppressed();
  CHECK(limit.suppressed() == 0);
  CHECK_FALSE(limit.passes(502ms));
  CHECK(limit.suppressed() == 1);
}

TEST_CASE("a limit of none lets nothing pass") {
  RateLimit limit(0, 100ms);
  CHECK_FALSE(limit.passes(0ms));
  CHECK_FALSE(limit.passes(1000ms));
  CHECK(limit.suppressed() == 2);
  CHECK(limit.window() == 100ms);
}
