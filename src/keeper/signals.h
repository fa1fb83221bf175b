#pragma once

#include "event/loop.h"
#include "event/poll.h"
#include "keeper/keeper.h"

namespace keeper {

/// In a server: takes the signals that the keeper sends on, so that each event::Signal hears them.
/// The loop outlives it.
class Signals final : public event::Poll::Waiter {
 public:
  Signals(event::Loop& loop, const Life& life);
  void on_ready() override;

 private:
  int channel_;
  event::Poll poll_;
};

}  // namespace keeper
