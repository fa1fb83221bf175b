#include "probe/scheduler.h"

#include <memory>
#include <utility>

#include "event/timer.h"

namespace probe {
namespace {

class Delay final : public base::Operation {
 public:
  Delay(event::Loop& loop, discovery::Time delay, std::function<void()> on_elapsed) : timer_(loop) {
    timer_.start(delay, std::move(on_elapsed));
  }

 private:
  event::Timer timer_;
};

}  // namespace

discovery::Pending Scheduler::after(discovery::Time delay, std::function<void()> on_elapsed) {
  return std::make_unique<Delay>(loop_, delay, std::move(on_elapsed));
}

}  // namespace probe
