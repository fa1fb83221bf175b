#include "page/chart.h"

#include <fmt/core.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "base/host_port.h"
#include "epmd/alive_name.h"
#include "page/html.h"

namespace page {
namespace {

constexpr double width = 900;
constexpr double height = 560;
constexpr double middle_x = width / 2;
constexpr double middle_y = height / 2;
constexpr double ring_x = 300;
constexpr double ring_y = 205;
constexpr size_t named_max = 60;  // more names than that would lie on each other
constexpr size_t drawn_max = 300;
constexpr size_t label_bytes_max = 34;

struct Harbour {
  std::string name = {};
  std::string at = {};
  std::string state = {};
  std::string title = {};
};

struct Point {
  double x = 0;
  double y = 0;
};

Point on_ring(double turn, double scale) {
  const double angle = 2 * std::numbers::pi * turn - std::numbers::pi / 2;
  return {middle_x + scale * ring_x * std::cos(angle), middle_y + scale * ring_y * std::sin(angle)};
}

size_t count_harbours(const status::Store& store) {
  return store.members().size() + store.non_members().size();
}

/// Those that are drawn.
std::vector<Harbour> harbours_of(const status::Store& store) {
  std::vector<Harbour> harbours;
  for (const auto& [name, each] : store.members()) {
    if (harbours.size() == drawn_max) return harbours;
    const discovery::Sighting& seen = each.member.seen;
    const bool is_missing = each.member.rounds_missing > 0;
    const char* const state = is_missing ? "missing" : seen.is_verified ? "verified" : "guessed";
    harbours.push_back({name, base::join_host_port(seen.node.ip, seen.node.port_no), state, state});
  }
  for (const discovery::NonMember& non_member : store.non_members()) {
    if (harbours.size() == drawn_max) return harbours;
    harbours.push_back({epmd::escape_name(non_member.name),
                        base::join_host_port(non_member.node.ip, non_member.node.port_no),
                        "non-member", "not a member: " + non_member.why});
  }
  return harbours;
}

/// Cut at a character, for a label is no place to read a long name.
std::string shortened(const std::string& name) {
  if (name.size() <= label_bytes_max) return name;
  size_t end = label_bytes_max;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xc0) == 0x80) --end;
  return name.substr(0, end) + "…";
}

std::string sea() {
  constexpr int winds = 32;
  std::string text;
  for (int i = 0; i < winds; ++i) {
    const double angle = 2 * std::numbers::pi * i / winds;
    text += fmt::format(
        "<line class=\"rhumb\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>", middle_x,
        middle_y, middle_x + width * std::cos(angle), middle_y + width * std::sin(angle));
  }
  for (const double scale : {1.0, 0.5})
    text += fmt::format("<ellipse class=\"ring\" cx=\"{}\" cy=\"{}\" rx=\"{}\" ry=\"{}\"/>",
                        middle_x, middle_y, scale * ring_x, scale * ring_y);
  text += fmt::format("<path class=\"rose\" d=\"M{0} {2}l9 61 61 9-61 9-9 61-9-61-61-9 61-9z\"/>",
                      middle_x, middle_y, middle_y - 70);
  return text;
}

std::string label(const Harbour& harbour, const Point& at) {
  const double from_middle = at.x - middle_x;
  const bool is_beside = std::fabs(from_middle) > ring_x / 4;
  const char* const anchor = !is_beside ? "middle" : from_middle < 0 ? "end" : "start";
  const double x = at.x + (!is_beside ? 0 : from_middle < 0 ? -13 : 13);
  const double y = at.y + (is_beside ? 5 : at.y < middle_y ? -15 : 25);
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>", x, y, anchor,
                     escape_html(shortened(harbour.name)));
}

std::string draw(const Harbour& harbour, const Point& at, bool is_named) {
  const std::string name = escape_html(harbour.name);
  return fmt::format(
      "<g class=\"{0}\" data-key=\"{1} {2}\"><title>{1} at {2}, {3}</title>"
      "<line class=\"way\" x1=\"{4}\" y1=\"{5}\" x2=\"{6:.1f}\" y2=\"{7:.1f}\"/>"
      "<circle class=\"port\" cx=\"{6:.1f}\" cy=\"{7:.1f}\" r=\"{8}\"/>{9}</g>",
      harbour.state, name, escape_html(harbour.at), escape_html(harbour.title), middle_x, middle_y,
      at.x, at.y, is_named ? 8 : 5, is_named ? label(harbour, at) : "");
}

std::string home(const epmd::Registry& registry, const std::string& host) {
  constexpr size_t listed_max = 4;
  std::string names;
  size_t count = 0;
  for (const epmd::Entry& entry : registry.alive())
    if (++count <= listed_max)
      names += (names.empty() ? "" : ", ") + shortened(epmd::escape_name(entry.node.alive_name));
  if (count > listed_max) names += fmt::format(" and {} more", count - listed_max);
  if (count == 0) names = "no node is registered here";
  return fmt::format(
      "<circle class=\"home\" cx=\"{0}\" cy=\"{1}\" r=\"16\"/>"
      "<circle class=\"point\" cx=\"{0}\" cy=\"{1}\" r=\"5\"/>"
      "<text class=\"here\" x=\"{0}\" y=\"{2}\" text-anchor=\"middle\">{3}</text>"
      "<text class=\"small\" x=\"{0}\" y=\"{4}\" text-anchor=\"middle\">{5}</text>",
      middle_x, middle_y, middle_y + 36, escape_html(host), middle_y + 53, escape_html(names));
}

}  // namespace

std::string ways_of(const status::Store& store) {
  const std::vector<Harbour> harbours = harbours_of(store);
  const size_t count = harbours.size();
  const bool is_named = count <= named_max;
  std::string ways;
  for (size_t i = 0; i < count; ++i) {
    // Names on neighbouring places shall not lie on each other.
    const double scale = count > 16 && i % 2 == 1 ? 0.72 : 1;
    const double turn = static_cast<double>(i) / static_cast<double>(count);
    ways += draw(harbours[i], on_ring(turn, scale), is_named);
  }
  return ways;
}

std::string picture_of(const status::Store& store, const epmd::Registry& registry,
                       const std::string& host, const std::string& ways) {
  const size_t count = count_harbours(store);
  return fmt::format(
      "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{} and {} nodes around it\">"
      "<g id=\"sea\">{}</g><g id=\"ways\"{}>{}</g><g id=\"home\">{}</g></svg>",
      width, height, escape_html(host), count, sea(), count > 24 ? " class=\"many\"" : "", ways,
      home(registry, host));
}

}  // namespace page
