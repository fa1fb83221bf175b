#pragma once

#include <chrono>

#include "event/loop.h"
#include "event/timer.h"

namespace logging {

/// Tells in the log how many of its lines were lost, soon after standard error is read again,
/// though nothing else is logged. For one loop at a time, which outlives it.
class CatchUp {
 public:
  static constexpr std::chrono::milliseconds wait = std::chrono::seconds(1);

  explicit CatchUp(event::Loop& loop);
  CatchUp(const CatchUp&) = delete;
  CatchUp& operator=(const CatchUp&) = delete;
  ~CatchUp();

 private:
  void catch_up();

  event::Timer timer_;
};

}  // namespace logging
