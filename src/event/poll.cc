#include "event/poll.h"

#include <cassert>

namespace event {

Poll::Poll(Loop& loop, int descriptor, Waiter& waiter) : handle_(new uv_poll_t) {
  [[maybe_unused]] const int status = uv_poll_init(loop.get(), handle_.get(), descriptor);
  assert(status == 0);  // fails only on what is not a socket, or is polled already
  handle_->data = &waiter;
}

void Poll::wait(For purpose) {
  const bool is_waiting = uv_is_active(reinterpret_cast<uv_handle_t*>(handle_.get())) != 0;
  if (is_waiting && purpose == purpose_) return;
  purpose_ = purpose;
  // An error of the socket is told as readiness: reading or writing then says which it is.
  const auto call_back = [](uv_poll_t* handle, int, int) {
    static_cast<Waiter*>(handle->data)->on_ready();
  };
  const int events = purpose == For::reading ? UV_READABLE : UV_WRITABLE;
  uv_poll_start(handle_.get(), events, call_back);
}

void Poll::stop() { uv_poll_stop(handle_.get()); }

}  // namespace event
