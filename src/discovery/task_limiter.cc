#include "discovery/task_limiter.h"

#include <utility>

namespace discovery {

void TaskLimiter::add(Begin begin) {
  waiting_.push_back(std::move(begin));
  if (running_.size() < at_once_max_) begin_next();
}

void TaskLimiter::drop_all() {
  waiting_.clear();
  running_.clear();
}

void TaskLimiter::begin_next() {
  const Begin begin = std::move(waiting_.front());
  waiting_.pop_front();
  const uint64_t number = begun_++;
  // No operation calls back before it has been returned, so it is always found in running_.
  running_[number] = begin([this, number] { finish(number); });
}

void TaskLimiter::finish(uint64_t number) {
  running_.erase(number);
  if (!waiting_.empty()) return begin_next();
  if (!running_.empty()) return;
  const auto on_idle = on_idle_;  // it may destroy the limiter
  on_idle();
}

}  // namespace discovery
