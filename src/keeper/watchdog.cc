#include "keeper/watchdog.h"

#include <algorithm>

namespace keeper {

Watchdog::Next Watchdog::look(Time now, uint64_t answered) {
  if (now < due_) return Next::wait;
  const bool is_excused = now - due_ > late_max || answered == asked_;
  unanswered_ = is_excused ? 0 : unanswered_ + 1;
  due_ = now + interval;
  if (unanswered_ >= unanswered_max) return Next::kill;
  ++asked_;
  return Next::ask;
}

Watchdog::Time Watchdog::time_left(Time now) const { return std::max(due_ - now, Time(0)); }

}  // namespace keeper
