#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "discovery/members.h"
#include "discovery/name_filter.h"

namespace discovery {

/// A line of an EPMD's answer: where the EPMD is, the alive name, and the node's port. Or the place
/// of a node that no EPMD lists: itself, no alive name, and its port.
struct ListedNode {
  Endpoint epmd = {};
  std::string alive_name = {};
  uint16_t port_no = 0;
  /// The registration's creation, if the EPMD is our own; else nobody knows it.
  uint32_t creation = 0;
  auto operator<=>(const ListedNode&) const = default;  // NOLINT: a nullptr, to clang-tidy 14

  bool has_epmd() const { return !alive_name.empty(); }
  /// Whether the node there can be the one of this name.
  bool can_be(const dist::NodeName& name) const {
    return !has_epmd() || name.alive_name == alive_name;
  }
};

/// Where a node was found.
inline ListedNode place_of(const Sighting& seen) {
  return {seen.epmd, seen.has_epmd() ? seen.name.alive_name : std::string(), seen.node.port_no};
}

/// Why an address is no member's, whatever is there.
inline constexpr const char* outside_peers =
    "its address is outside --peers, and nothing is asked of it";

inline constexpr const char* no_address =
    "as a destination it is this host itself, and the address of no other; correct the DNS record";

/// What a round found out, including where it found nothing and how sure that is.
struct Sightings {
  /// Which names were looked for. The others were left out, be they there or not.
  NameFilter filter = {};
  std::vector<Sighting> seen = {};
  std::vector<NonMember> non_members = {};
  /// By the query's text.
  std::map<std::string, Resolution> queries = {};
  /// What each EPMD that was asked answered. A node without an EPMD stands for its own.
  std::map<Endpoint, NamesAnswer::Outcome> epmds = {};
  /// Of these, the nodes.
  std::set<Endpoint> nodes_without_epmd = {};
  /// The EPMDs of whose lists so many lines could not be read: what is missing there may be listed.
  std::map<Endpoint, size_t> unreadable = {};
  /// Every name that an EPMD listed, whatever became of it: EPMD, alive name, the node's port.
  std::set<ListedNode> listed = {};
  /// The nodes registered here that have told who they are.
  std::vector<LocalNode> locals = {};
  /// What had not answered when the round was given up: queries, and EPMDs and nodes with their
  /// addresses.
  std::vector<std::string> unanswered = {};
  /// Names and addresses over the limits, or that no node can have, which nobody looked at.
  size_t dropped = 0;

  /// Whether each of these queries that was asked says for sure whether `ip` is behind it.
  bool are_sure_of(const std::string& ip, const std::vector<std::string>& texts) const {
    return std::all_of(texts.begin(), texts.end(), [&](const std::string& text) {
      const auto found = queries.find(text);
      return found == queries.end() || found->second.is_sure_of(ip);
    });
  }
};

}  // namespace discovery
