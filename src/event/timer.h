#pragma once

#include <chrono>
#include <functional>

#include "event/handle.h"
#include "event/loop.h"

namespace event {

/// Calls back once, some time from now, unless stopped, restarted or destroyed before.
class Timer {
 public:
  explicit Timer(Loop& loop);
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// Forgets what it was waiting for. The callback may start the timer again, or destroy it.
  void start(std::chrono::milliseconds delay, std::function<void()> on_elapsed);
  void stop();
  bool is_running() const;

 private:
  std::function<void()> on_elapsed_ = {};
  Handle<uv_timer_t> handle_;
};

}  // namespace event
