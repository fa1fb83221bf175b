#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "epmd/event_sink.h"

/// Remembers what it was told, in order.
class FakeEventSink final : public epmd::EventSink {
 public:
  struct Recorded {
    epmd::EventKind kind = epmd::EventKind::count_;
    int descriptor = -1;
    int64_t number = 0;
    int64_t number2 = 0;
    std::string text = {};
  };

  void record(const epmd::Event& event) override {
    if (is_listening)
      events.push_back(
          {event.kind, event.descriptor, event.number, event.number2, std::string(event.text)});
  }

  size_t count(epmd::EventKind kind) const {
    return static_cast<size_t>(std::count_if(
        events.begin(), events.end(), [&](const Recorded& each) { return each.kind == kind; }));
  }
  bool has(epmd::EventKind kind) const { return count(kind) > 0; }

  /// The last event of that kind; an empty one if there was none.
  Recorded last(epmd::EventKind kind) const {
    const auto found = std::find_if(events.rbegin(), events.rend(),
                                    [&](const Recorded& each) { return each.kind == kind; });
    return found == events.rend() ? Recorded{} : *found;
  }

  std::vector<Recorded> events = {};
  bool is_listening = true;
};
