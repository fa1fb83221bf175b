#include "mesh/report.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "dist/node_name.h"

namespace mesh {
namespace {

constexpr size_t reason_bytes_max = 300;

Json to_json(const NodeLinks& links) {
  Json object = {{"node", links.node}, {"creation", links.creation}, {"expected", links.expected}};
  if (!links.why_unknown.empty()) {
    object["unknown"] = links.why_unknown;
  } else {
    object["connected"] = links.connected;
    object["peers"] = links.peers;
    object["age_ms"] = links.age.count();
  }
  return object;
}

/// For a terminal.
std::string printable(std::string text) {
  text.resize(std::min(text.size(), reason_bytes_max));
  std::erase_if(text, [](char each) { return each < ' ' || each > '~'; });
  return text;
}

/// What a report has. All else is passed over as it is read: a stranger can nest and repeat without
/// end.
bool is_wanted(int depth, Json::parse_event_t event, const Json& parsed) {
  constexpr int depth_max = 4;
  if (event != Json::parse_event_t::key) return depth <= depth_max;
  const auto& key = parsed.get_ref<const std::string&>();
  constexpr std::array<std::string_view, 8> keys = {"nodes", "node",      "creation", "unknown",
                                                    "peers", "connected", "expected", "age_ms"};
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

uint32_t number_in(const Json& object, const char* key) {
  const Json& number = object.at(key);
  const bool fits = number.is_number_unsigned() && number.get<uint64_t>() <= UINT32_MAX;
  return fits ? number.get<uint32_t>() : object.at("no number").get<uint32_t>();  // throws
}

/// Throws Json::exception if it is nothing of the kind.
NodeLinks links_in(const Json& object, size_t& peers_left) {
  NodeLinks links;
  links.node = object.at("node");
  links.creation = number_in(object, "creation");
  links.expected = number_in(object, "expected");
  if (object.contains("unknown")) {
    links.why_unknown = printable(object["unknown"]);
    if (links.why_unknown.empty()) links.why_unknown = "its daemon does not say why";
    return links;
  }
  links.connected = number_in(object, "connected");
  links.age = std::chrono::milliseconds(number_in(object, "age_ms"));
  for (const Json& peer : object.at("peers")) {
    if (peers_left == 0) break;
    --peers_left;
    if (const auto name = dist::parse_node_name(peer.get<std::string>()))
      links.peers.insert(name->to_string());
  }
  return links;
}

}  // namespace

Json to_json(const Report& report) {
  Json nodes = Json::array();
  for (const NodeLinks& links : report) nodes.push_back(to_json(links));
  return {{"nodes", std::move(nodes)}};
}

std::string to_text(const Report& report) {
  return to_json(report).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

bool has_name(const NodeLinks& links) {
  const bool may_be_untold = !links.why_unknown.empty();
  return dist::parse_node_name(links.node) ||
         (may_be_untold && dist::parse_node_name(links.node + "@host"));
}

std::optional<Report> parse_report(std::string_view text) try {
  const Json object = Json::parse(text, is_wanted, false);
  if (!object.is_object() || !object.contains("nodes")) return std::nullopt;
  if (!object["nodes"].is_array() || object["nodes"].size() > nodes_max) return std::nullopt;
  Report report;
  size_t peers_left = peers_max;
  for (const Json& each : object["nodes"]) {
    NodeLinks links = links_in(each, peers_left);
    if (has_name(links)) report.push_back(std::move(links));
  }
  return report;
} catch (const Json::exception&) {
  return std::nullopt;
}

std::string why_not_joined(const NodeLinks& links, size_t members_min) {
  if (!links.why_unknown.empty())
    return fmt::format("it is not known whom {} has: {}", links.node, links.why_unknown);
  if (links.connected >= std::min(members_min, links.expected)) return {};
  return fmt::format("{} is connected to {} of the {} members that are there", links.node,
                     links.connected, links.expected);
}

std::string why_not_joined(const Report& report, size_t members_min) {
  if (report.empty()) return "no node is registered here that has told its name";
  for (const NodeLinks& links : report)
    if (std::string why = why_not_joined(links, members_min); !why.empty()) return why;
  return {};
}

}  // namespace mesh
