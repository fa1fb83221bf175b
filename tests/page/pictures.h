#pragma once

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "dist/handshake.h"
#include "mesh/picture.h"

/// The mesh of nodes with these names. Two are connected if `are_connected` says so of their places
/// in the list, the lower one first; those with a reason have not been asked.
inline mesh::Picture picture_of(const std::vector<std::string>& names,
                                const std::function<bool(size_t, size_t)>& are_connected,
                                const std::set<size_t>& unknown = {}) {
  std::vector<mesh::Node> nodes;
  for (size_t i = 0; i < names.size(); ++i)
    nodes.push_back({*dist::parse_node_name(names[i]), dist::flags::prober, true,
                     unknown.contains(i) ? "it is silent" : ""});
  mesh::Matrix matrix;
  matrix.keep(nodes);
  for (size_t i = 0; i < names.size(); ++i) {
    mesh::NodeLinks links = {names[i], 0, nodes[i].why_unknown};
    for (size_t other = 0; other < names.size() && !unknown.contains(i); ++other)
      if (i != other && are_connected(std::min(i, other), std::max(i, other)))
        links.peers.insert(names[other]);
    matrix.note(links);
  }
  return mesh::picture_of(matrix);
}

/// n0@h0, n1@h1, …, in the order of a picture: that of their texts.
inline std::vector<std::string> names_of(size_t count, const std::string& host = "") {
  std::set<std::string> names;
  for (size_t i = 0; i < count; ++i)
    names.insert("n" + std::to_string(i) + "@" + (host.empty() ? "h" + std::to_string(i) : host));
  return {names.begin(), names.end()};
}
