#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/operation.h"
#include "doctor/check_result.h"
#include "event/loop.h"
#include "event/timer.h"
#include "probe/resolver.h"

namespace commands {

/// Waits until the host name of a node that is about to start leads to this host, for the node and
/// for others. It asks about no other name, so hosts that wait at once do not wait for each other.
/// The log has what it waits for, and again when that has changed, but not more often than each 10
/// seconds.
class OwnNameWait {
 public:
  static constexpr std::chrono::milliseconds ask_interval{500};
  static constexpr std::chrono::seconds log_interval{10};
  /// With the last result; not ok: the time is over, or waiting is of no use.
  using OnDone = std::function<void(const doctor::CheckResult&)>;

  /// `loop` outlives it. `on_done` is called once, from the loop, and may destroy it.
  OwnNameWait(event::Loop& loop, std::unique_ptr<probe::Resolver> resolver, std::string host,
              std::chrono::milliseconds timeout, OnDone on_done);

 private:
  void ask();
  void learn(const discovery::Resolution& resolution);
  void log(const std::string& found);
  void finish();

  std::unique_ptr<probe::Resolver> resolver_;
  std::string host_;
  OnDone on_done_;
  doctor::CheckResult last_ = {};
  std::string logged_ = {};
  std::chrono::steady_clock::time_point log_again_ = {};
  base::Pending look_up_ = {};
  event::Timer next_;
  event::Timer timeout_;
};

}  // namespace commands
