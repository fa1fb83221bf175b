#include "page/links.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "page/html.h"

namespace page {
namespace {

constexpr size_t nowhere = Harbour::no_group;

std::string title_of(const Ties& ties, size_t one, size_t other) {
  switch (ties.between(one, other)) {
    case Tie::seen: return "connected";
    case Tie::unknown: return "not known whether they are connected";
    case Tie::missing: return counted(ties.missing(one, other), "connection") + " missing";
    case Tie::none: return "";
  }
  return "";
}

/// Straight, unless it would meet this host in the middle and look like two of its ways: such a
/// line passes above or beside it.
std::string line_of(const Point& from, const Point& to) {
  constexpr double near = 40;
  const Point mid = {(from.x + to.x) / 2, (from.y + to.y) / 2};
  if (std::hypot(mid.x - middle_x, mid.y - middle_y) > near)
    return fmt::format("M{:.1f} {:.1f}L{:.1f} {:.1f}", from.x, from.y, to.x, to.y);
  const double length = std::hypot(to.x - from.x, to.y - from.y);
  const double up = to.x > from.x ? 3 * near / length : -3 * near / length;
  return fmt::format("M{:.1f} {:.1f}Q{:.1f} {:.1f} {:.1f} {:.1f}", from.x, from.y,
                     mid.x + up * (to.y - from.y), mid.y - up * (to.x - from.x), to.x, to.y);
}

bool is_drawn(const std::vector<Harbour>& harbours, const Ties& ties, size_t one, size_t other) {
  const Tie tie = ties.between(one, other);
  if (harbours.size() <= all_links_max) return tie != Tie::none;
  return tie == Tie::missing && harbours[one].group == harbours[other].group;
}

}  // namespace

Ties::Ties(const Harbours& harbours, const mesh::Picture& picture)
    : picture_(picture),
      size_(harbours.all.size() + 1),
      place_of_(picture.nodes.size(), nowhere),
      node_of_(size_, nowhere),
      counts_(size_ * size_) {
  const auto put = [this](const std::vector<mesh::Picture::Index>& nodes, size_t place) {
    for (const mesh::Picture::Index node : nodes) place_of_[node] = place;
    if (!nodes.empty()) node_of_[place] = nodes.front();
  };
  for (size_t i = 0; i < harbours.all.size(); ++i) put(harbours.all[i].nodes, i);
  put(harbours.here, harbours.all.size());
  count(picture.missing, &Counts::missing);
  count(picture.unknown, &Counts::unknown);
}

void Ties::count(const mesh::Picture::Pairs& pairs, size_t Counts::*what) {
  for (const auto& [one, other] : pairs.first)
    if (place_of_[one] != nowhere && place_of_[other] != nowhere)
      ++(counts_[index(place_of_[one], place_of_[other])].*what);
}

size_t Ties::index(size_t one, size_t other) const {
  return std::min(one, other) * size_ + std::max(one, other);
}

/// Nodes that are drawn as one are nearly always of one kind, so one of them stands for all.
bool Ties::is_expected(size_t one, size_t other) const {
  if (node_of_[one] == nowhere || node_of_[other] == nowhere) return false;
  return mesh::should_connect(picture_.nodes[node_of_[one]], picture_.nodes[node_of_[other]]);
}

Tie Ties::between(size_t one, size_t other) const {
  const Counts& counts = counts_[index(one, other)];
  if (counts.missing > 0) return Tie::missing;
  if (counts.unknown > 0) return Tie::unknown;
  const bool is_all_known = picture_.missing.count == picture_.missing.first.size() &&
                            picture_.unknown.count == picture_.unknown.first.size();
  return is_all_known && is_expected(one, other) ? Tie::seen : Tie::none;
}

std::string links_of(const std::vector<Harbour>& harbours, const Ring& ring, const Ties& ties) {
  std::string text;
  size_t drawn = 0;
  for (size_t one = 0; one < harbours.size(); ++one)
    for (size_t other = one + 1; other < harbours.size(); ++other) {
      if (!is_drawn(harbours, ties, one, other) || ++drawn > links_max) continue;
      text += fmt::format(
          "<path class=\"link {0}\" data-key=\"{0} {1} {2}\" d=\"{4}\">"
          "<title>{1}, {2}: {3}</title></path>",
          name_of(ties.between(one, other)), escape_html(harbours[one].name),
          escape_html(harbours[other].name), title_of(ties, one, other),
          line_of(ring.places[one], ring.places[other]));
    }
  return text;
}

const char* name_of(Tie tie) {
  switch (tie) {
    case Tie::none: return "";
    case Tie::seen: return "seen";
    case Tie::unknown: return "unknown";
    case Tie::missing: return "missing";
  }
  return "";
}

}  // namespace page
