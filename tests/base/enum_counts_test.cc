#include "base/enum_counts.h"

#include <stdexcept>
#include <utility>
#include <vector>

#include "catch.h"

namespace {

enum class Fruit { apple, pear, quince };

TEST_CASE("occurrences are counted by value, and told in the order of the enum") {
  base::EnumCounts<Fruit, Fruit::pear> counts;
  counts.count(Fruit::pear);
  counts.count(Fruit::pear);
  std::vector<std::pair<Fruit, uint64_t>> told;
  counts.each([&told](Fruit fruit, uint64_t count) { told.emplace_back(fruit, count); });
  CHECK(told == std::vector<std::pair<Fruit, uint64_t>>{{Fruit::apple, 0}, {Fruit::pear, 2}});
  CHECK(counts.of(Fruit::pear) == 2);
  CHECK(counts.all() == 2);
}

TEST_CASE("a value behind the last is refused") {
  base::EnumCounts<Fruit, Fruit::pear> counts;
  CHECK_THROWS_AS(counts.count(Fruit::quince), std::out_of_range);
}

}  // namespace
