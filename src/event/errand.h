#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "base/operation.h"
#include "event/loop.h"
#include "event/poll.h"

namespace event {

/// Runs what may take long, such as writing to a disk that hangs, in a thread of its own, and tells
/// the loop when that is done. Destroyed, it waits for a second; then the thread goes on alone, and
/// may use nothing but what it owns. The loop outlives the errand.
class Errand final : public base::Operation, public Poll::Waiter {
 public:
  using Work = std::function<void()>;
  using OnDone = std::function<void()>;

  static constexpr std::chrono::milliseconds timeout_at_end = std::chrono::seconds(1);

  /// Nothing: there can be no thread now.
  static base::Pending start(Loop& loop, Work work, OnDone on_done);

  Errand(Loop& loop, std::shared_ptr<struct ErrandState> state, OnDone on_done);
  ~Errand() override;

 private:
  void on_ready() override;

  std::shared_ptr<struct ErrandState> state_;  // the thread has it too
  OnDone on_done_;
  std::unique_ptr<Poll> poll_;
};

}  // namespace event
