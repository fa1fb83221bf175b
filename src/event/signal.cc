#include "event/signal.h"

#include <utility>

namespace event {

Signal::Signal(Loop& loop, int number, std::function<void()> on_received)
    : on_received_(std::move(on_received)), handle_(new uv_signal_t) {
  uv_signal_init(loop.get(), handle_.get());
  handle_->data = this;
  const auto call_back = [](uv_signal_t* handle, int) {
    static_cast<Signal*>(handle->data)->on_received_();
  };
  uv_signal_start(handle_.get(), call_back, number);
}

}  // namespace event
