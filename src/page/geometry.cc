#include "page/geometry.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace page {
namespace {

/// How many harbours in a row are of one group, from `first` on.
size_t run_from(const std::vector<Harbour>& harbours, size_t first) {
  size_t end = first;
  while (end < harbours.size() && harbours[end].group == harbours[first].group) ++end;
  return end - first;
}

size_t runs_of(const std::vector<Harbour>& harbours) {
  size_t runs = 0;
  for (size_t i = 0; i < harbours.size(); i += run_from(harbours, i)) ++runs;
  return runs;
}

}  // namespace

Point on_ring(double turn) {
  const double angle = 2 * std::numbers::pi * turn - std::numbers::pi / 2;
  return {middle_x + ring_x * std::cos(angle), middle_y + ring_y * std::sin(angle)};
}

Ring ring_of(const std::vector<Harbour>& harbours) {
  const size_t runs = runs_of(harbours);
  Ring ring;
  ring.slots = harbours.size() + (runs > 1 ? runs : 0);
  const auto turn = [&ring](double slot) { return slot / static_cast<double>(ring.slots); };
  size_t slot = 0;
  for (size_t first = 0; first<harbours.size(); slot += runs> 1 ? 1 : 0) {
    const size_t count = run_from(harbours, first);
    const auto from = static_cast<double>(slot);
    const auto to = static_cast<double>(slot + count);
    if (harbours[first].group != Harbour::no_group)
      ring.bands.push_back({turn(from + 0.2), turn(to - 0.2)});
    for (size_t i = 0; i < count; ++i)
      ring.places.push_back(on_ring(turn(from + static_cast<double>(i) + 0.5)));
    first += count;
    slot += count;
  }
  return ring;
}

double radius_of(const Harbour& harbour) {
  return harbour.count == 1 ? 7 : std::min(8 + std::sqrt(static_cast<double>(harbour.count)), 22.0);
}

}  // namespace page
