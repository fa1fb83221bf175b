#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/rate_limit.h"
#include "epmd/event_sink.h"
#include "event/loop.h"
#include "event/timer.h"

namespace logging {

/// Keeps what others can cause at will from filling a log: lets the first few events of each kind
/// pass in a while, counts the others, and at the end of the while says how many there were. Names
/// that come and go at this host have more room, so that every node of a usual start is logged.
class EventLimit {
 public:
  using OnSuppressed = std::function<void(epmd::EventKind, uint64_t count)>;

  static constexpr uint32_t lines_per_window = 10;
  static constexpr uint32_t name_lines_per_window = 100;
  static constexpr base::RateLimit::Time window_default = std::chrono::seconds(10);

  EventLimit(event::Loop& loop, OnSuppressed on_suppressed,
             base::RateLimit::Time window = window_default);

  bool passes(epmd::EventKind kind);
  /// Tells now of everything held back; for the end of the daemon.
  void flush();

 private:
  event::Loop& loop_;
  OnSuppressed on_suppressed_;
  base::RateLimit::Time window_;
  std::vector<base::RateLimit> limits_;  // by kind
  event::Timer window_end_;
};

/// Whether anybody who can connect can cause it as often as they like.
bool is_caused_by_strangers(epmd::EventKind kind);

/// Whether a program of this host causes it by registering names, or by stopping them.
bool is_about_names(epmd::EventKind kind);

}  // namespace logging
