#pragma once

#include <sys/epoll.h>

#include <span>

#include "event/descriptor.h"
#include "event/poll.h"

namespace event {

/// Polls thousands of sockets at one call to the kernel each: an epoll instance of our own, which
/// the loop polls as a single descriptor. It outlives its watches, and whoever is told does not
/// destroy it.
class PollSet final : public Poll::Waiter {
 public:
  /// After so many who are told at most everything else on the loop gets its turn.
  static constexpr int told_per_turn_max = 64;

  explicit PollSet(Loop& loop, int told_per_turn = told_per_turn_max);

  void on_ready() override;
  /// The loop may end although watches wait.
  void let_loop_end() { poll_.let_loop_end(); }

 private:
  friend class Watch;

  Descriptor epoll_;
  int told_per_turn_;
  std::span<epoll_event> untold_ = {};  // what the kernel has reported, and is still to be told
  Poll poll_;
};

/// A socket in a PollSet: tells when it can be read or written, as Poll does. The descriptor stays
/// the caller's, is non-blocking, and stays open until the Watch is destroyed.
class Watch {
 public:
  /// `waiter` must outlive the Watch, which it may destroy, and itself, while it is told.
  Watch(PollSet& set, int descriptor, Poll::Waiter& waiter)
      : set_(set), descriptor_(descriptor), waiter_(waiter) {}
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch();

  /// Waits for one thing at a time from now on, and tells as long as it is so. False, and errno:
  /// the kernel can watch no more.
  [[nodiscard]] bool wait(Poll::For purpose);

 private:
  friend class PollSet;

  PollSet& set_;
  int descriptor_;
  Poll::Waiter& waiter_;
  uint32_t events_ = 0;  // waited for
};

}  // namespace event
