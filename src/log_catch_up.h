#pragma once

#include <chrono>

#include "net/loop.h"
#include "net/timer.h"

/// Tells in the log how many of its lines were lost, soon after standard error is read again,
/// though nothing else is logged. For one loop at a time, which outlives it.
class LogCatchUp {
 public:
  static constexpr std::chrono::milliseconds wait = std::chrono::seconds(1);

  explicit LogCatchUp(net::Loop& loop);
  LogCatchUp(const LogCatchUp&) = delete;
  LogCatchUp& operator=(const LogCatchUp&) = delete;
  ~LogCatchUp();

 private:
  void catch_up();

  net::Timer timer_;
};
