#pragma once

#include <poll.h>

#include <chrono>

#include "catch.h"
#include "event/loop.h"

/// Waits until the loop has something to do, or for a millisecond: others may have brought about
/// what is waited for. Without it a test would take a whole processor from those that run beside
/// it.
inline void rest(event::Loop& loop) {
  pollfd ready = {uv_backend_fd(loop.get()), POLLIN, 0};
  poll(&ready, 1, 1);
}

/// Turns the loop until something is so, and fails the test if it does not come about.
template <typename Condition>
void turn_until(event::Loop& loop, Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    loop.run_ready();
    rest(loop);
  }
}
