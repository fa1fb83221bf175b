#include "page/chart.h"

#include <fmt/core.h>

#include <cmath>
#include <numbers>

#include "epmd/alive_name.h"
#include "page/bands.h"
#include "page/html.h"
#include "page/labels.h"
#include "page/links.h"

namespace page {
namespace {

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

/// A way as the member is: to where it is found, or, if the mesh is known, whether a node of this
/// host is connected to it.
std::string way_to(const Harbour& harbour, const Point& at, const Ties& ties, size_t number,
                   bool is_mesh_known) {
  const bool is_tie = is_mesh_known && harbour.state == Harbour::State::verified;
  const Tie tie = is_tie ? ties.between(number, ties.here()) : Tie::seen;
  if (tie == Tie::none) return {};
  const std::string kind = is_tie ? fmt::format(" {}", name_of(tie)) : "";
  return fmt::format("<line class=\"way{}\" x1=\"{}\" y1=\"{}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>",
                     kind, middle_x, middle_y, at.x, at.y);
}

std::string draw(const Harbour& harbour, const Point& at, const std::string& way,
                 const std::string& label) {
  const std::string name = escape_html(harbour.name);
  const std::string place = escape_html(harbour.at.empty() ? "" : " at " + harbour.at);
  const std::string group =
      harbour.group == Harbour::no_group ? "" : fmt::format(" {}", harbour.group);
  return fmt::format(
      "<g class=\"{0}\" data-key=\"{0} {1}{2}{3}\"><title>{1}{2}, {4}</title>{5}{6}"
      "<circle class=\"port\" cx=\"{7:.1f}\" cy=\"{8:.1f}\" r=\"{9:.1f}\"/></g>",
      name_of(harbour.state), name, place, group, escape_html(harbour.title), way, label, at.x,
      at.y, radius_of(harbour));
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

std::string ways_of(const Harbours& harbours, const mesh::Picture& mesh) {
  const Ring ring = ring_of(harbours.all);
  const Ties ties(harbours, mesh);
  const std::vector<std::string> labels = labels_of(harbours.all, ring);
  std::string ways;
  for (size_t i = 0; i < harbours.all.size(); ++i) {
    const Harbour& harbour = harbours.all[i];
    ways += draw(harbour, ring.places[i],
                 way_to(harbour, ring.places[i], ties, i, mesh.expected > 0), labels[i]);
  }
  return fmt::format("<g id=\"bands\">{}</g><g id=\"links\">{}</g><g id=\"ways\">{}</g>",
                     bands_of(ring), links_of(harbours.all, ring, ties), ways);
}

std::string picture_of(size_t count, const epmd::Registry& registry, const std::string& host,
                       const std::string& ways) {
  return fmt::format(
      "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{} and {} nodes around it\">"
      "<g id=\"sea\">{}</g>{}<g id=\"home\">{}</g></svg>",
      width, height, escape_html(host), count, sea(), ways, home(registry, host));
}

}  // namespace page
