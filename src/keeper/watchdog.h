#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace keeper {

/// When a server that says nothing counts as hung. The keeper asks it at an interval, and a server
/// whose loop runs answers at once.
class Watchdog {
 public:
  using Time = std::chrono::milliseconds;
  static constexpr Time interval = std::chrono::seconds(10);
  static constexpr int unanswered_max = 2;
  static constexpr Time patience = unanswered_max * interval;

  enum class Next { wait, ask, kill };

  explicit Watchdog(Time now) : due_(now + interval) {}

  /// What to do now. `answered` is the number that the server has answered last.
  Next look(Time now, uint64_t answered);
  /// Until there may be something to do.
  Time time_left(Time now) const;
  /// What the server is to answer.
  uint64_t asked() const { return asked_; }

 private:
  /// The keeper itself was held up for longer: paused, like the server, or without a processor.
  static constexpr Time late_max = std::chrono::seconds(1);

  Time due_;
  uint64_t asked_ = 0;
  int unanswered_ = 0;
};

}  // namespace keeper
