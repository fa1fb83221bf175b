#pragma once

#include <uv.h>

#include <chrono>
#include <memory>

namespace event {

class PollSet;

/// Ends the process: what cannot be, and which or why.
[[noreturn]] void give_up(const char* what, const char* which);

/// The event loop. Destroyed last, it proves that every handle was closed: one that was not ends
/// the process with the handle's type.
class Loop {
 public:
  using Time = std::chrono::milliseconds;

  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Runs until stop() is called, or nothing is left to wait for.
  void run();
  void stop();
  /// Waits at most until one thing has happened, and serves it. For tests.
  void run_once();
  /// Serves what is ready, without waiting. For tests.
  void run_ready();

  /// Monotonic; as of the start of the present pass through the loop.
  Time now() const;
  uv_loop_t* get() { return &loop_; }
  /// For sockets that come and go. What waits in it does not keep the loop running.
  PollSet& polls() { return *polls_; }

 private:
  uv_loop_t loop_ = {};
  std::unique_ptr<PollSet> polls_;  // made at once: later there may be no descriptor for it
};

}  // namespace event
