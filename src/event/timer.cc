#include "event/timer.h"

#include <utility>

namespace event {

Timer::Timer(Loop& loop) : handle_(new uv_timer_t) {
  uv_timer_init(loop.get(), handle_.get());  // cannot fail
  handle_->data = this;
}

void Timer::start(std::chrono::milliseconds delay, std::function<void()> on_elapsed) {
  on_elapsed_ = std::move(on_elapsed);
  const auto call_back = [](uv_timer_t* handle) {
    auto& timer = *static_cast<Timer*>(handle->data);
    const std::function<void()> elapsed = std::move(timer.on_elapsed_);
    elapsed();
  };
  // A loop that has been idle believes in an old time.
  uv_update_time(handle_->loop);
  uv_timer_start(handle_.get(), call_back, static_cast<uint64_t>(delay.count()), 0);
}

void Timer::stop() { uv_timer_stop(handle_.get()); }

bool Timer::is_running() const {
  return uv_is_active(reinterpret_cast<const uv_handle_t*>(handle_.get())) != 0;
}

}  // namespace event
