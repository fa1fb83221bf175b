#pragma once

#include <string>
#include <vector>

#include "page/geometry.h"
#include "page/harbours.h"

namespace page {

/// Whether two harbours, or one and this host, are connected. Missing: at least one connection is.
/// None: it is not expected, or nobody looks at the mesh.
enum class Tie { none, seen, unknown, missing };

/// All ties. A harbour is given by its number, and this host by the number of all harbours.
class Ties {
 public:
  Ties(const Harbours& harbours, const mesh::Picture& picture);

  size_t here() const { return size_ - 1; }
  Tie between(size_t one, size_t other) const;
  /// How many connections are missing.
  size_t missing(size_t one, size_t other) const { return counts_[index(one, other)].missing; }

 private:
  struct Counts {
    size_t missing = 0;
    size_t unknown = 0;
  };

  void count(const mesh::Picture::Pairs& pairs, size_t Counts::*what);
  size_t index(size_t one, size_t other) const;
  bool is_expected(size_t one, size_t other) const;

  const mesh::Picture& picture_;
  size_t size_;
  /// Of each node of the mesh, its harbour.
  std::vector<size_t> place_of_ = {};
  /// Of each harbour, a node of the mesh.
  std::vector<size_t> node_of_ = {};
  std::vector<Counts> counts_ = {};
};

/// With more harbours than this, only what is missing is drawn, and of a split cluster only within
/// the groups: all lines would be a black disc.
constexpr size_t all_links_max = 16;
/// More lines are not drawn.
constexpr size_t links_max = 200;

/// The connections between harbours, as SVG.
std::string links_of(const std::vector<Harbour>& harbours, const Ring& ring, const Ties& ties);

/// seen, unknown, missing; empty for none
const char* name_of(Tie tie);

}  // namespace page
