#pragma once

#include <algorithm>
#include <chrono>

namespace base {

/// When to try again what has failed: after 5 seconds, then 10, 20, up to 5 minutes. It has no
/// clock: the caller says what time it is.
class BackOff {
 public:
  using Time = std::chrono::milliseconds;
  static constexpr Time first = std::chrono::seconds(5);
  static constexpr Time last = std::chrono::minutes(5);

  bool is_due(Time now) const { return now >= due_; }
  /// `at_least` may be longer than what would be next.
  void fail(Time now, Time at_least = first) {
    wait_ = std::clamp(std::max(wait_ * 2, at_least), first, last);
    due_ = now + wait_;
    ++failures_;
  }
  /// What kept it from working has passed: it may be tried now. How often it failed still counts.
  void expire() { due_ = {}; }
  unsigned failures() const { return failures_; }

  /// For a process that goes on with it, by the same clock.
  struct Kept {
    Time wait = {};
    Time due = {};
    unsigned failures = 0;
  };
  BackOff() = default;
  explicit BackOff(const Kept& kept)
      : wait_(std::clamp(kept.wait, Time{}, last)), due_(kept.due), failures_(kept.failures) {}
  Kept kept() const { return {wait_, due_, failures_}; }

 private:
  Time wait_ = {};
  Time due_ = {};
  unsigned failures_ = 0;
};

}  // namespace base
