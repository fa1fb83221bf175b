#pragma once

#include <chrono>
#include <thread>

#include "catch.h"
#include "event/loop.h"

/// Turns the loop until something is so, and fails the test if it does not come about.
template <typename Condition>
void turn_until(event::Loop& loop, Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    loop.run_ready();
    std::this_thread::yield();
  }
}
