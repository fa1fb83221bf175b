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

/// A place on the ring around the middle. The turn is 0 at the top, and grows clockwise to 1.
Point on_ring(double turn);

/// A part of the ring, from one turn to another, that holds a group of the mesh.
struct Band {
  double from = 0;
  double to = 0;
};

/// How the harbours are set around the middle.
struct Ring {
  /// Of each harbour, clockwise from the top.
  std::vector<Point> places = {};
  /// While the cluster is split: with a gap between them.
  std::vector<Band> bands = {};
  /// Places that there is room for, with the gaps.
  size_t slots = 0;
};
Ring ring_of(const std::vector<Harbour>& harbours);

/// Of a harbour's circle, which is larger for many.
double radius_of(const Harbour& harbour);

}  // namespace page
