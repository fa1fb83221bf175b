#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mesh {

using Json = nlohmann::ordered_json;

/// Whom one node is connected to, as it has said itself.
struct NodeLinks {
  /// Its name. Of a node that has not told it yet, the alive name.
  std::string node = {};
  uint32_t creation = 0;
  /// Why the node has not said it; empty: it has.
  std::string why_unknown = {};
  /// Visible and hidden nodes.
  std::set<std::string> peers = {};
  /// Since it said so.
  std::chrono::milliseconds age = {};
  /// Of the members that it should be connected to, all, and those that it is.
  size_t expected = 0;
  size_t connected = 0;
  bool operator==(const NodeLinks&) const = default;
};

/// What a daemon tells of the nodes that are registered with it
/// (docs/PROTOCOL.md, "MESH_REQ: connections").
using Report = std::vector<NodeLinks>;

/// {"nodes":[{"node":…,"creation":…,"expected":…,"connected":…,"peers":[…],"age_ms":…}, or, without
/// the last three, "unknown":…]}
Json to_json(const Report& report);
std::string to_text(const Report& report);

/// Whether `node` is what it should be.
bool has_name(const NodeLinks& links);

/// More nodes, or more peers of all of them together, are a lie.
inline constexpr size_t nodes_max = 1000;
inline constexpr size_t peers_max = 200'000;

/// A stranger may have written it. What is no node name is left out, and of a reason what is not
/// printable. Nothing: it is no report.
std::optional<Report> parse_report(std::string_view text);

/// Why a node has not joined: it has neither so many members nor all that are there. Empty: it has.
std::string why_not_joined(const NodeLinks& links, size_t members_min);
/// The same of all the nodes of a daemon; there must be one.
std::string why_not_joined(const Report& report, size_t members_min);

}  // namespace mesh
