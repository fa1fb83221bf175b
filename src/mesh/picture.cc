#include "mesh/picture.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "dist/handshake.h"

namespace mesh {
namespace {

using Index = Picture::Index;

/// Groups of nodes that grow together.
class Groups {
 public:
  explicit Groups(size_t count) : above_(count) { std::iota(above_.begin(), above_.end(), 0); }

  Index top(Index node) {
    while (above_[node] != node) node = above_[node] = above_[above_[node]];
    return node;
  }
  void join(Index one, Index other) { above_[top(one)] = top(other); }

 private:
  std::vector<Index> above_;
};

bool is_known(const Node& node) { return node.why_unknown.empty(); }

/// Nodes of one kind should be connected to the same others. There are few kinds, and many pairs.
class Kinds {
 public:
  explicit Kinds(const std::vector<Node>& nodes) {
    for (const Node& node : nodes) {
      const auto same = std::find_if(examples_.begin(), examples_.end(), [&](const Node* example) {
        return kind_of(*example) == kind_of(node);
      });
      kinds_.push_back(static_cast<size_t>(same - examples_.begin()));
      if (same == examples_.end()) examples_.push_back(&node);
    }
    for (const Node* one : examples_)
      for (const Node* other : examples_) table_.push_back(mesh::should_connect(*one, *other));
  }

  bool should_connect(Index one, Index other) const {
    return table_[kinds_[one] * examples_.size() + kinds_[other]];
  }

 private:
  static std::array<bool, 4> kind_of(const Node& node) {
    return {node.name.is_long(), node.name.is_of_both_kinds(), node.is_verified,
            dist::flags::is_of_today(node.flags)};
  }

  std::vector<const Node*> examples_ = {};
  std::vector<size_t> kinds_ = {};
  std::vector<bool> table_ = {};
};

class Drawing {
 public:
  explicit Drawing(const Matrix& matrix)
      : matrix_(matrix),
        nodes_(matrix.nodes()),
        kinds_(nodes_),
        groups_(nodes_.size()),
        wanted_(nodes_.size()) {
    picture_.degrees.resize(nodes_.size());
  }

  Picture draw() {
    for (Index one = 0; one < nodes_.size(); ++one)
      for (Index other = one + 1; other < nodes_.size(); ++other)
        if (kinds_.should_connect(one, other)) look_at(one, other);
    take_groups();
    picture_.nodes = nodes_;
    return std::move(picture_);
  }

 private:
  void look_at(Index one, Index other) {
    ++picture_.expected;
    ++picture_.degrees[one].expected;
    ++picture_.degrees[other].expected;
    const bool one_has = matrix_.has(one, other);
    const bool other_has = matrix_.has(other, one);
    if (one_has || other_has)
      take_seen(one, other, one_has, other_has);
    else if (is_known(nodes_[one]) || is_known(nodes_[other]))
      take_missing(one, other);
    else
      picture_.unknown.add(one, other);
  }

  void take_seen(Index one, Index other, bool one_has, bool other_has) {
    ++picture_.seen;
    ++picture_.degrees[one].seen;
    ++picture_.degrees[other].seen;
    const bool is_denied =
        (!one_has && is_known(nodes_[one])) || (!other_has && is_known(nodes_[other]));
    if (!is_denied) groups_.join(one, other);  // one that lies hides no split
    wanted_.join(one, other);
    if (!other_has && is_known(nodes_[other])) picture_.one_sided.add(one, other);
    if (!one_has && is_known(nodes_[one])) picture_.one_sided.add(other, one);
  }

  void take_missing(Index one, Index other) {
    picture_.missing.add(one, other);
    ++picture_.degrees[one].missing;
    ++picture_.degrees[other].missing;
    wanted_.join(one, other);
  }

  void take_groups() {
    std::vector<std::vector<Index>> by_top(nodes_.size());
    for (Index node = 0; node < nodes_.size(); ++node) {
      if (picture_.degrees[node].expected == 0) continue;
      by_top[groups_.top(node)].push_back(node);
      if (wanted_.top(node) == node) ++picture_.groups_expected;
    }
    std::erase_if(by_top, [](const auto& group) { return group.empty(); });
    std::sort(by_top.begin(), by_top.end(), [](const auto& one, const auto& other) {
      return one.size() != other.size() ? one.size() > other.size() : one < other;
    });
    picture_.groups = std::move(by_top);
  }

  const Matrix& matrix_;
  const std::vector<Node>& nodes_;
  Picture picture_ = {};
  Kinds kinds_;
  Groups groups_;
  Groups wanted_;
};

}  // namespace

bool should_connect(const Node& one, const Node& other) {
  if (!one.name.is_of_kind_of(other.name)) return false;
  if (!one.is_verified || !other.is_verified) return true;  // a guess has no flags
  return dist::flags::are_of_one_generation(one.flags, other.flags);
}

Picture picture_of(const Matrix& matrix) { return Drawing(matrix).draw(); }

}  // namespace mesh
