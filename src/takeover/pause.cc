#include "takeover/pause.h"

#include <chrono>
#include <csignal>

namespace takeover {
namespace {

constexpr std::chrono::seconds stop_timeout(2);

}  // namespace

Pause::Pause(const std::vector<OldProcess>& processes) : processes_(processes) {
  for (const OldProcess& each : processes_)
    is_complete_ = is_complete_ && each.send(SIGSTOP) && each.has_stopped(stop_timeout);
}

Pause::~Pause() {
  if (!is_left_) resume(processes_);
}

void resume(const std::vector<OldProcess>& processes) {
  for (auto each = processes.rbegin(); each != processes.rend(); ++each) each->send(SIGCONT);
}

}  // namespace takeover
