#include "page/natural_order.h"

#include <algorithm>
#include <string>
#include <vector>

#include "catch.h"

using page::comes_before;

TEST_CASE("names are in the order in which people count") {
  const std::vector<std::string> wanted = {"",     "a",    "a1b",   "a2",    "a10",
                                           "a10b", "node", "node1", "node9", "node10"};
  std::vector<std::string> sorted = wanted;
  std::reverse(sorted.begin(), sorted.end());
  std::sort(sorted.begin(), sorted.end(), comes_before);
  CHECK(sorted == wanted);
}

TEST_CASE("names that differ in zeros only are in some order, and no name is before itself") {
  for (const char* const name : {"", "7", "a07", "a7", "zwölf"})
    CHECK_FALSE(comes_before(name, name));
  CHECK(comes_before("a07", "a7") != comes_before("a7", "a07"));
  CHECK(comes_before("a007", "a8"));
  CHECK(comes_before("99999999999999999999999", "100000000000000000000000"));
}
