#include "output/event_limit.h"

#include <utility>

namespace output {

using epmd::EventKind;

EventLimit::EventLimit(net::Loop& loop, OnSuppressed on_suppressed, base::RateLimit::Time window)
    : loop_(loop),
      on_suppressed_(std::move(on_suppressed)),
      window_(window),
      limits_(epmd::event_kinds, base::RateLimit(lines_per_window, window)),
      window_end_(loop) {}

bool EventLimit::passes(EventKind kind) {
  if (!is_caused_by_strangers(kind)) return true;
  base::RateLimit& limit = limits_[static_cast<size_t>(kind)];
  if (limit.passes(loop_.now())) return true;
  if (!window_end_.is_running()) window_end_.start(window_, [this] { flush(); });
  return false;
}

void EventLimit::flush() {
  for (size_t i = 0; i < limits_.size(); ++i) {
    const uint64_t count = limits_[i].suppressed();
    limits_[i].forget_suppressed();
    if (count > 0) on_suppressed_(static_cast<EventKind>(i), count);
  }
}

bool is_caused_by_strangers(EventKind kind) {
  switch (kind) {
    case EventKind::registered:
    case EventKind::unregistered:
    case EventKind::name_reused:
    case EventKind::owner_had_ended:
    case EventKind::killed:
    case EventKind::stopped:
    case EventKind::descriptors_exhausted:
    case EventKind::descriptors_recovered:
      return false;
    default:
      return true;
  }
}

}  // namespace output
