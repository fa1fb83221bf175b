#pragma once

#include <array>
#include <cstdint>

#include "epmd/event_sink.h"
#include "logging/event_limit.h"
#include "logging/wording.h"

namespace logging {

/// Writes events to the default logger in our own words, and counts them. What strangers can cause
/// is limited in rate.
class EventLog final : public epmd::EventSink {
 public:
  explicit EventLog(event::Loop& loop);

  void record(const epmd::Event& event) override;
  /// How often this has happened, logged or not.
  uint64_t count(epmd::EventKind kind) const { return counts_[static_cast<size_t>(kind)]; }
  /// For the end of the daemon: tells what was held back, and nothing from then on. That the names
  /// go with the daemon needs no line for each.
  void end();

 private:
  std::array<uint64_t, epmd::event_kinds> counts_ = {};
  Level least_level_;
  bool is_ended_ = false;
  EventLimit limit_;
};

}  // namespace logging
