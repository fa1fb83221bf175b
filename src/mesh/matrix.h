#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dist/node_name.h"
#include "mesh/report.h"

namespace mesh {

/// A member.
struct Node {
  dist::NodeName name = {};
  uint64_t flags = 0;
  /// It told its name and flags itself.
  bool is_verified = false;
  /// Why it is not known whom it has; empty: it has said so.
  std::string why_unknown = {};
};

/// What the members have said of each other: a bit for each two.
class Matrix {
 public:
  using Index = uint32_t;

  /// These are the members now. What was said by those and of those who stay, stays. The names
  /// differ, and the nodes come in their order.
  void keep(std::vector<Node> nodes);
  /// Of a node that is no member it is dropped.
  void note(const NodeLinks& links);

  const std::vector<Node>& nodes() const { return nodes_; }
  /// Whether the first says that it has the other.
  bool has(Index one, Index other) const { return rows_[one][other]; }
  /// Changes with any of this.
  uint64_t revision() const { return revision_; }

 private:
  bool are_as_before(const std::vector<Node>& nodes) const;

  std::vector<Node> nodes_ = {};
  std::vector<std::vector<bool>> rows_ = {};
  std::unordered_map<std::string, Index> places_ = {};
  uint64_t revision_ = 0;
};

}  // namespace mesh
