#pragma once

#include <random>

#include "discovery/interfaces.h"
#include "event/loop.h"

namespace probe {

/// Time and chance on the loop, which outlives it and all it begins.
class Scheduler final : public discovery::Scheduler {
 public:
  explicit Scheduler(event::Loop& loop) : loop_(loop) {}

  discovery::Time now() const override { return loop_.now(); }
  discovery::Pending after(discovery::Time delay, std::function<void()> on_elapsed) override;
  uint32_t random() override { return static_cast<uint32_t>(generator_()); }

 private:
  event::Loop& loop_;
  std::mt19937 generator_{std::random_device{}()};
};

}  // namespace probe
