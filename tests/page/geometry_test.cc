#include "page/geometry.h"

#include <cmath>

#include "catch.h"
#include "page/labels.h"

namespace {

std::vector<page::Harbour> harbours_in(const std::vector<size_t>& groups) {
  std::vector<page::Harbour> harbours;
  for (const size_t group : groups) {
    harbours.push_back({});
    harbours.back().group = group;
  }
  return harbours;
}

double distance(const page::Point& one, const page::Point& other) {
  return std::hypot(one.x - other.x, one.y - other.y);
}

}  // namespace

TEST_CASE("while the cluster is whole, harbours are evenly round, without a band") {
  const page::Ring ring = page::ring_of(harbours_in(std::vector(6, page::Harbour::no_group)));
  CHECK(ring.bands.empty());
  CHECK(ring.places.size() == 6);
  CHECK(ring.slots == 6);
}

TEST_CASE("each group has a band, with a gap to the next, and those of none have no band") {
  const page::Ring ring = page::ring_of(harbours_in({0, 0, 1, page::Harbour::no_group}));
  REQUIRE(ring.places.size() == 4);
  REQUIRE(ring.bands.size() == 2);
  CHECK(ring.slots == 7);
  CHECK(ring.bands[0].from < ring.bands[0].to);
  CHECK(ring.bands[0].to + 1 / 7.0 < ring.bands[1].from);
  CHECK(ring.bands[1].to < 5 / 7.0);
  CHECK(distance(ring.places[1], ring.places[2]) > distance(ring.places[0], ring.places[1]));
}

TEST_CASE("where gaps leave too little room beside the harbours, labels are in columns") {
  const auto has_column = [](const std::vector<size_t>& groups) {
    const std::vector<page::Harbour> harbours = harbours_in(groups);
    return page::labels_of(harbours, page::ring_of(harbours)).front().find("lead") !=
           std::string::npos;
  };
  CHECK_FALSE(has_column({0, 0, 0, 0, 1, 1, 1, 1}));
  CHECK(has_column({0, 1, 2, 3, 4, 5, 6, 7}));
}

TEST_CASE("nothing around this host is a ring without places") {
  CHECK(page::ring_of({}).places.empty());
}
