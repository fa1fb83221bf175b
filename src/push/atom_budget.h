#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <utility>

namespace push {

/// The names that a node has been told. Each costs it an atom for ever, and it ends when there are
/// a million; strangers can make up names without end.
class AtomBudget {
 public:
  static constexpr size_t names_max = 50'000;

  /// `node` is who is told, for messages.
  explicit AtomBudget(std::string node) : node_(std::move(node)) {}

  /// Whether it may be told this one, too. Says once if not.
  bool may_add(const std::string& name);
  /// The same, and if so, it counts as told.
  bool add(const std::string& name);
  /// All that count as told.
  const std::set<std::string>& names() const { return names_; }
  /// What another process has told it.
  void resume(std::set<std::string> names) { names_ = std::move(names); }

 private:
  std::string node_;
  std::set<std::string> names_ = {};
  bool is_enough_ = false;
};

}  // namespace push
