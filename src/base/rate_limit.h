#pragma once

#include <chrono>
#include <cstdint>

namespace base {

/// Lets the first few occurrences in each window of time pass and counts the rest, so that what
/// strangers can cause at will cannot fill a log. It has no clock: the caller says what time it is.
class RateLimit {
 public:
  using Time = std::chrono::milliseconds;

  RateLimit(uint32_t passes_per_window, Time window)
      : passes_per_window_(passes_per_window), window_(window) {}

  /// Whether this occurrence passes. When it does and `suppressed()` is not zero, tell of those
  /// first, then call forget_suppressed().
  bool passes(Time now) {
    if (!is_open(now)) begin_window(now);
    if (passed_ < passes_per_window_) {
      ++passed_;
      return true;
    }
    ++suppressed_;
    return false;
  }

  /// Whether the window in which something last passed is still running.
  bool is_open(Time now) const { return begun_ && now - window_start_ < window_; }

  uint64_t suppressed() const { return suppressed_; }
  void forget_suppressed() { suppressed_ = 0; }
  Time window() const { return window_; }

 private:
  void begin_window(Time now) {
    begun_ = true;
    window_start_ = now;
    passed_ = 0;
  }

  uint32_t passes_per_window_;
  Time window_;
  bool begun_ = false;
  Time window_start_ = {};
  uint32_t passed_ = 0;
  uint64_t suppressed_ = 0;
};

}  // namespace base
