#pragma once

#include <functional>

#include "event/handle.h"
#include "event/loop.h"

namespace event {

/// Calls back on the loop each time the process receives a signal, for as long as it lives.
class Signal {
 public:
  Signal(Loop& loop, int number, std::function<void()> on_received);
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

 private:
  std::function<void()> on_received_;
  Handle<uv_signal_t> handle_;
};

}  // namespace event
