#pragma once

#include <string>
#include <string_view>

#include "epmd/event_sink.h"
#include "logging/log.h"

namespace logging {

/// What an event is called, how grave it is for the person who runs the daemon, and how it reads.
struct Wording {
  epmd::EventKind kind = epmd::EventKind::count_;
  /// Stands in logs and metrics, and never changes: "registered".
  std::string_view name = {};
  Level level = Level::debug;
  /// A sentence with {text} {number} {number2} {connection} {error}.
  std::string_view sentence = {};
};

const Wording& wording_of(epmd::EventKind kind);

/// Fills a sentence in. `text` is what stands for the event's own, which strangers may have chosen.
std::string fill_in(std::string_view sentence, const epmd::Event& event, std::string_view text);

/// The event in our own words, with names escaped.
std::string describe(const epmd::Event& event);

}  // namespace logging
