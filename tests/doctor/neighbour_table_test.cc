#include "doctor/neighbour_table.h"

#include "doctor/findings.h"

using namespace doctor;
using Mark = CheckResult::Mark;

TEST_CASE("how often a table of neighbours was full is the sum of all processors") {
  CHECK(times_full("entries  allocs   table_fulls\n00000002 00000479 00000031\n"
                   "00000002 00000429 000000ff\n") == 0x31 + 0xff);
  CHECK(times_full("table_fulls entries\n00000000 00000007\n") == 0);
}

TEST_CASE("a text that is no statistics of neighbours says nothing") {
  for (const char* const text : {"", "entries\n00000001\n", "entries table_fulls\n",
                                 "entries table_fulls\n00000001\n", "\n\n"})
    CHECK_FALSE(times_full(text).has_value());
}

TEST_CASE("a table that was full is told with the limit to raise, and breaks nothing") {
  CHECK_FALSE(judge_neighbour_tables({}, {}).has_value());
  CHECK(judge_neighbour_tables(0, {})->mark == Mark::ok);
  const CheckResult both = whole(*judge_neighbour_tables(3, 4));
  CHECK(both.mark == Mark::unknown);
  CHECK(both.found ==
        "the kernel's table of neighbours was full 7 times since this host started; if that number "
        "grows, connections fail: raise net.ipv4.neigh.default.gc_thresh3");
  CHECK(judge_neighbour_tables(0, 4)->found.find("raise net.ipv6.neigh") != std::string::npos);
}
