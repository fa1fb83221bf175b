#pragma once

#include <vector>

#include "page/harbours.h"

/// The measures of the chart, in its own units.
namespace page {

constexpr double width = 1100;
constexpr double height = 560;
constexpr double middle_x = width / 2;
constexpr double middle_y = height / 2;
constexpr double ring_x = 250;
constexpr double ring_y = 205;

struct Point {
  double x = 0;
  double y = 0;
};

/// Places on the ring around the middle, clockwise from the top.
std::vector<Point> places_of(size_t count);
/// Of a harbour's circle, which is larger for many.
double radius_of(const Harbour& harbour);

}  // namespace page
