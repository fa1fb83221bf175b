#include "page/labels.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "page/html.h"

namespace page {
namespace {

/// With up to so many slots on the ring the labels are beside their harbours.
constexpr size_t beside_max = 12;
constexpr double column_x = ring_x + 50;  // from the middle
constexpr double line_height = 24;
constexpr size_t label_bytes_max = 34;

std::string text_at(double x, double y, const char* anchor, const std::string& text) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>", x, y, anchor,
                     escape_html(shortened(text)));
}

std::string label_beside(const Harbour& harbour, const Point& at) {
  const double from_middle = at.x - middle_x;
  const double distance = radius_of(harbour) + 6;
  if (std::fabs(from_middle) < ring_x / 4)
    return text_at(at.x, at.y < middle_y ? at.y - distance : at.y + distance + 10, "middle",
                   harbour.name);
  return from_middle < 0 ? text_at(at.x - distance, at.y + 5, "end", harbour.name)
                         : text_at(at.x + distance, at.y + 5, "start", harbour.name);
}

/// Where the lines of a column are, from the top down: each as high as its place, if it has room.
std::vector<double> lines_of(const std::vector<double>& places) {
  std::vector<double> lines = places;
  const double last = height - line_height / 2;
  for (size_t i = 0; i < lines.size(); ++i)
    lines[i] = std::max(lines[i], i == 0 ? line_height / 2 : lines[i - 1] + line_height);
  for (size_t i = lines.size(); i-- > 0;)
    lines[i] = std::min(lines[i], i + 1 == lines.size() ? last : lines[i + 1] - line_height);
  return lines;
}

std::string label_in_column(const Harbour& harbour, const Point& at, double line) {
  const bool is_left = at.x < middle_x;
  const double x = is_left ? middle_x - column_x : middle_x + column_x;
  return fmt::format(
             "<line class=\"lead\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>", at.x,
             at.y, x, line) +
         text_at(is_left ? x - 6 : x + 6, line + 5, is_left ? "end" : "start", harbour.name);
}

/// The labels of one side, whose places are `indices`, from the top down.
void put_in_column(std::vector<std::string>& labels, const std::vector<size_t>& indices,
                   const std::vector<Harbour>& harbours, const std::vector<Point>& places) {
  std::vector<double> heights;
  heights.reserve(indices.size());
  for (const size_t i : indices) heights.push_back(places[i].y);
  const std::vector<double> lines = lines_of(heights);
  for (size_t n = 0; n < indices.size(); ++n)
    labels[indices[n]] = label_in_column(harbours[indices[n]], places[indices[n]], lines[n]);
}

}  // namespace

std::vector<std::string> labels_of(const std::vector<Harbour>& harbours, const Ring& ring) {
  const std::vector<Point>& places = ring.places;
  std::vector<std::string> labels(harbours.size());
  std::vector<size_t> right;
  std::vector<size_t> left;
  for (size_t i = 0; i < harbours.size(); ++i) {
    if (ring.slots <= beside_max)
      labels[i] = label_beside(harbours[i], places[i]);
    else if (places[i].x >= middle_x)
      right.push_back(i);
    else
      left.insert(left.begin(), i);
  }
  put_in_column(labels, right, harbours, places);
  put_in_column(labels, left, harbours, places);
  return labels;
}

std::string shortened(const std::string& name) {
  if (name.size() <= label_bytes_max) return name;
  size_t end = label_bytes_max;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xc0) == 0x80) --end;
  return name.substr(0, end) + "…";
}

}  // namespace page
