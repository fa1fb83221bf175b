#include "keeper/crash_limit.h"

#include "catch.h"

using keeper::CrashLimit;
using Next = keeper::CrashLimit::Next;
using namespace std::chrono_literals;

TEST_CASE("three crashes in ten seconds let the names go") {
  CrashLimit limit;
  CHECK(limit.note(1000ms) == Next::keep_names);
  CHECK(limit.note(2000ms) == Next::keep_names);
  CHECK(limit.note(10999ms) == Next::let_go);
}

TEST_CASE("crashes that are far apart never do") {
  CrashLimit limit;
  for (int i = 0; i < 100; ++i) CHECK(limit.note(i * 5000ms) == Next::keep_names);
}

TEST_CASE("a crash within ten seconds after that is the last") {
  CrashLimit limit;
  for (int i = 0; i < 3; ++i) limit.note(1000ms);
  CHECK(limit.note(10999ms) == Next::give_up);
}

TEST_CASE("a server that then lives longer has three crashes before it again") {
  CrashLimit limit;
  for (int i = 0; i < 3; ++i) limit.note(1000ms);
  CHECK(limit.note(11000ms) == Next::keep_names);
  CHECK(limit.note(11001ms) == Next::keep_names);
  CHECK(limit.note(11002ms) == Next::let_go);
}
