#include "logging/event_log.h"

#include <fmt/core.h>

#include "logging/log.h"
#include "net/address.h"

namespace logging {
namespace {

Level least_level() {
  for (const Level each : {Level::trace, Level::debug, Level::info, Level::warning})
    if (is_on(each)) return each;
  return Level::error;
}

/// Where the peer is, for whoever wants to find it, and only as long as it is connected.
std::string origin_of(const epmd::Event& event) {
  const auto peer = event.descriptor < 0 ? std::nullopt : net::Address::of_peer(event.descriptor);
  return peer ? " (from " + peer->to_string() + ")" : std::string();
}

}  // namespace

EventLog::EventLog(event::Loop& loop)
    : least_level_(least_level()), limit_(loop, [this](epmd::EventKind kind, uint64_t count) {
        const Wording& wording = wording_of(kind);
        if (wording.level >= least_level_)
          write(wording.level, "{}: {} more in the last {} s, not logged one by one", wording.name,
                count, EventLimit::window_default / std::chrono::seconds(1));
      }) {}

void EventLog::record(const epmd::Event& event) {
  ++counts_[static_cast<size_t>(event.kind)];
  const Level level = wording_of(event.kind).level;
  if (is_ended_ || level < least_level_) return;
  if (limit_.passes(event.kind)) write(level, describe(event) + origin_of(event));
}

void EventLog::end() {
  limit_.flush();
  is_ended_ = true;
}

}  // namespace logging
