#include "event/errand.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "event/descriptor.h"

namespace event {

/// What the loop and the thread share.
struct ErrandState {
  std::mutex mutex = {};
  std::condition_variable changed = {};
  bool is_done = false;
  Descriptor event{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};

  void finish() {
    const std::lock_guard lock(mutex);
    is_done = true;
    changed.notify_all();
    const uint64_t one = 1;
    static_cast<void>(!write(event.get(), &one, sizeof one));
  }
  bool wait(std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, timeout, [this] { return is_done; });
  }
};

base::Pending Errand::start(Loop& loop, Work work, OnDone on_done) {
  auto state = std::make_shared<ErrandState>();
  if (!state->event.is_open()) return nullptr;
  try {
    std::thread([state, work = std::move(work)] {
      work();
      state->finish();
    }).detach();
  } catch (const std::system_error&) {
    return nullptr;
  }
  return std::make_unique<Errand>(loop, std::move(state), std::move(on_done));
}

Errand::Errand(Loop& loop, std::shared_ptr<ErrandState> state, OnDone on_done)
    : state_(std::move(state)),
      on_done_(std::move(on_done)),
      poll_(std::make_unique<Poll>(loop, state_->event.get(), *this)) {
  poll_->wait(Poll::For::reading);
}

Errand::~Errand() {
  poll_.reset();
  if (on_done_) state_->wait(timeout_at_end);
}

/// The callback may destroy the errand.
void Errand::on_ready() {
  poll_.reset();
  state_->wait(timeout_at_end);  // what the thread has written is seen here
  const OnDone on_done = std::exchange(on_done_, nullptr);
  on_done();
}

}  // namespace event
