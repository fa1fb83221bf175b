#include "logging/event_log.h"

#include <fmt/core.h>

#include "logging/log.h"
#include "net/address.h"

namespace logging {
namespace {

logging::Level level_of(Severity severity) {
  switch (severity) {
    case Severity::trace:
      return logging::Level::trace;
    case Severity::debug:
      return logging::Level::debug;
    case Severity::info:
      return logging::Level::info;
    case Severity::warning:
      return logging::Level::warning;
    default:
      return logging::Level::error;
  }
}

Severity least_severity() {
  for (const Severity each : {Severity::trace, Severity::debug, Severity::info, Severity::warning})
    if (logging::is_on(level_of(each))) return each;
  return Severity::error;
}

/// Where the peer is, for whoever wants to find it, and only as long as it is connected.
std::string origin_of(const epmd::Event& event) {
  const auto peer = event.descriptor < 0 ? std::nullopt : net::Address::of_peer(event.descriptor);
  return peer ? " (from " + peer->to_string() + ")" : std::string();
}

}  // namespace

EventLog::EventLog(event::Loop& loop)
    : least_severity_(least_severity()), limit_(loop, [this](epmd::EventKind kind, uint64_t count) {
        const Wording& wording = wording_of(kind);
        if (wording.severity >= least_severity_)
          write(wording.severity,
                fmt::format("{}: {} more in the last {} s, not logged one by one", wording.name,
                            count, EventLimit::window_default / std::chrono::seconds(1)));
      }) {}

void EventLog::record(const epmd::Event& event) {
  ++counts_[static_cast<size_t>(event.kind)];
  const Severity severity = wording_of(event.kind).severity;
  if (is_ended_ || severity < least_severity_) return;
  if (limit_.passes(event.kind)) write(severity, describe(event) + origin_of(event));
}

void EventLog::end() {
  limit_.flush();
  is_ended_ = true;
}

void EventLog::write(Severity severity, const std::string& line) {
  logging::write(level_of(severity), line);
}

}  // namespace logging
