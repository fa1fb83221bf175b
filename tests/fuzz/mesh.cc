// Whatever an EPMD answers to a MESH_REQ, it is a report or none; what is taken of it fits on a
// terminal, and can be told again.

#include <algorithm>
#include <map>

#include "dist/node_name.h"
#include "fuzz/demand.h"
#include "mesh/describe.h"
#include "mesh/report.h"

namespace {

bool is_printable(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

void check_picture(const mesh::Report& report) {
  std::map<std::string, mesh::Node> by_name;
  for (const mesh::NodeLinks& links : report)
    by_name[links.node] = {*dist::parse_node_name(links.node), 0, true, {}};
  std::vector<mesh::Node> nodes;
  for (const auto& [name, node] : by_name) nodes.push_back(node);
  mesh::Matrix matrix;
  matrix.keep(std::move(nodes));
  for (const mesh::NodeLinks& links : report) matrix.note(links);
  const mesh::Picture picture = mesh::picture_of(matrix);
  DEMAND(picture.seen + picture.missing.count + picture.unknown.count == picture.expected);
  DEMAND(!mesh::describe(picture).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto report = mesh::parse_report(text);
  if (!report) return 0;
  for (const mesh::NodeLinks& links : *report) {
    DEMAND(mesh::has_name(links));
    DEMAND(is_printable(links.why_unknown));
    for (const std::string& peer : links.peers) DEMAND(dist::parse_node_name(peer));
  }
  DEMAND(mesh::parse_report(mesh::to_text(*report)) == report);
  check_picture(*report);
  return 0;
}
