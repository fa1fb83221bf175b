#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>

#include "base/operation.h"

namespace discovery {

/// Runs operations, a bounded number at a time; the others wait their turn. When the last is done,
/// and has not brought others with it, tells. Destroyed, it drops them all.
class TaskLimiter {
 public:
  /// Begins an operation, whose callback is to call `done` last of all.
  using Begin = std::function<base::Pending(std::function<void()> done)>;

  TaskLimiter(size_t at_once_max, std::function<void()> on_idle)
      : at_once_max_(at_once_max), on_idle_(std::move(on_idle)) {}

  void add(Begin begin);
  /// No callback comes any more of those that were added; others may be.
  void drop_all();
  bool is_idle() const { return running_.empty() && waiting_.empty(); }

 private:
  void begin_next();
  void finish(uint64_t number);

  size_t at_once_max_;
  std::function<void()> on_idle_;
  std::deque<Begin> waiting_ = {};
  std::map<uint64_t, base::Pending> running_ = {};
  uint64_t begun_ = 0;
};

}  // namespace discovery
