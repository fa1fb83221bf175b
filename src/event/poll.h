#pragma once

#include <functional>

#include "event/handle.h"
#include "event/loop.h"

namespace event {

/// Tells when a socket can be read or written. For the few that stay long: making one costs five
/// calls to the kernel, so connections have a Watch instead. The descriptor stays the caller's, and
/// must stay open until the Poll is destroyed; libuv makes it non-blocking.
class Poll {
 public:
  /// What waits on a Poll. It may destroy the Poll, and itself, while it is told.
  class Waiter {
   public:
    virtual ~Waiter() = default;
    virtual void on_ready() = 0;
  };

  enum class For { reading, writing };

  /// `waiter` must outlive the Poll.
  Poll(Loop& loop, int descriptor, Waiter& waiter);
  Poll(const Poll&) = delete;
  Poll& operator=(const Poll&) = delete;

  /// Waits for one thing at a time, until stop(), and tells as long as it is so. To be called
  /// again after each on_ready(): libuv stops waiting on a socket that has failed.
  void wait(For purpose);
  void stop();
  /// The loop may end although this waits.
  void let_loop_end() { uv_unref(reinterpret_cast<uv_handle_t*>(handle_.get())); }

 private:
  For purpose_ = For::reading;
  Handle<uv_poll_t> handle_;
};

}  // namespace event
