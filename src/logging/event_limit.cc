#include "logging/event_limit.h"

#include <utility>

namespace logging {

using epmd::EventKind;

namespace {

std::vector<base::RateLimit> limits_in(base::RateLimit::Time window) {
  std::vector<base::RateLimit> limits;
  for (size_t kind = 0; kind < epmd::event_kinds; ++kind)
    limits.emplace_back(is_about_names(static_cast<EventKind>(kind))
                            ? EventLimit::name_lines_per_window
                            : EventLimit::lines_per_window,
                        window);
  return limits;
}

}  // namespace

EventLimit::EventLimit(event::Loop& loop, OnSuppressed on_suppressed, base::RateLimit::Time window)
    : loop_(loop),
      on_suppressed_(std::move(on_suppressed)),
      window_(window),
      limits_(limits_in(window)),
      window_end_(loop) {}

bool EventLimit::passes(EventKind kind) {
  if (!is_caused_by_strangers(kind) && !is_about_names(kind)) return true;
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

bool is_about_names(EventKind kind) {
  switch (kind) {
    case EventKind::registered:
    case EventKind::unregistered:
    case EventKind::name_reused:
    case EventKind::owner_had_ended:
    case EventKind::stopped: return true;
    default: return false;
  }
}

bool is_caused_by_strangers(EventKind kind) {
  if (is_about_names(kind)) return false;
  switch (kind) {
    case EventKind::killed:
    case EventKind::descriptors_exhausted:
    case EventKind::descriptors_recovered: return false;
    default: return true;
  }
}

}  // namespace logging
