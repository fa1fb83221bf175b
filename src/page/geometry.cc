#include "page/geometry.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace page {
namespace {

Point on_ring(double turn) {
  const double angle = 2 * std::numbers::pi * turn - std::numbers::pi / 2;
  return {middle_x + ring_x * std::cos(angle), middle_y + ring_y * std::sin(angle)};
}

}  // namespace

std::vector<Point> places_of(size_t count) {
  std::vector<Point> places;
  for (size_t i = 0; i < count; ++i)
    places.push_back(on_ring((static_cast<double>(i) + 0.5) / static_cast<double>(count)));
  return places;
}

double radius_of(const Harbour& harbour) {
  return harbour.count == 1 ? 7 : std::min(8 + std::sqrt(static_cast<double>(harbour.count)), 22.0);
}

}  // namespace page
