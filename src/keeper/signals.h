#pragma once

#include <functional>

#include "event/loop.h"
#include "event/poll.h"
#include "keeper/keeper.h"
#include "keeper/shared_memory.h"

namespace keeper {

/// In a server: hears the keeper. Takes the signals that it sends on, so that each event::Signal
/// hears them, and answers whether the loop runs. The loop outlives it.
class Signals final : public event::Poll::Waiter {
 public:
  using OnRefused = std::function<void(const char* reason)>;

  /// `on_refused` is told why this program could not be replaced.
  Signals(event::Loop& loop, const Life& life, OnRefused on_refused);
  void on_ready() override;

 private:
  int channel_;
  /// Null: it cannot be mapped, and no question is answered.
  State* state_;
  OnRefused on_refused_;
  event::Poll poll_;
};

}  // namespace keeper
