#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "mesh/matrix.h"

namespace mesh {

/// Whether two nodes can be connected, and so should be: both have long names or both short ones,
/// and both are of releases that take each other (docs/PUSH.md, "Who is pushed").
bool should_connect(const Node& one, const Node& other);

/// Who is connected to whom. A connection has two ends: it is there if either of them says so.
/// Nodes are given by their place in `nodes`.
struct Picture {
  using Index = Matrix::Index;
  using Pair = std::pair<Index, Index>;
  /// How many there are, and the first of them.
  struct Pairs {
    static constexpr size_t first_max = 100'000;
    size_t count = 0;
    std::vector<Pair> first = {};
    void add(Index one, Index other) {
      if (++count <= first_max) first.emplace_back(one, other);
    }
    bool operator==(const Pairs&) const = default;
  };

  std::vector<Node> nodes = {};
  /// Pairs that should be connected. Each is seen, missing or unknown.
  size_t expected = 0;
  size_t seen = 0;
  /// One of the two says that it has not the other, and the other does not contradict.
  Pairs missing = {};
  /// Neither says whom it has.
  Pairs unknown = {};
  /// The first says that it has the second, which says that it has not the first.
  Pairs one_sided = {};
  /// For each node, with how many it should be connected, with how many it is, and with how many it
  /// is known that it is not.
  struct Degree {
    size_t expected = 0;
    size_t seen = 0;
    size_t missing = 0;
    bool operator==(const Degree&) const = default;
  };
  std::vector<Degree> degrees = {};
  /// Who can be reached from whom along connections, the largest group first. Nodes that are in no
  /// pair that should be connected are in none.
  std::vector<std::vector<Index>> groups = {};
  /// How many groups there would be if no connection were missing: more than one if nodes cannot
  /// be connected, or if it is unknown whether they are.
  size_t groups_expected = 0;

  bool is_whole() const { return missing.count + unknown.count + one_sided.count == 0; }
  bool is_split() const { return groups.size() > groups_expected; }
};

Picture picture_of(const Matrix& matrix);

}  // namespace mesh
