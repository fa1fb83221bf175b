#pragma once

#include <string>
#include <vector>

#include "mesh/picture.h"

namespace page {

/// Something that is wrong with a node's connections, in words.
struct Flaw {
  std::string node = {};
  std::string what = {};
};

/// The groups of a split cluster, the worst there can be; none if it is not split.
std::vector<Flaw> splits_of(const mesh::Picture& mesh);
/// Each missing connection once, with the node that lacks most, and those nodes first.
std::vector<Flaw> missing_of(const mesh::Picture& mesh);
/// Connections that one of the two nodes denies.
std::vector<Flaw> one_sided_of(const mesh::Picture& mesh);
/// Nodes that have not said whom they have.
std::vector<Flaw> unknown_of(const mesh::Picture& mesh);

/// A section with all of them.
std::string connections_table(const mesh::Picture& mesh);

}  // namespace page
