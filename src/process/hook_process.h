#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/operation.h"
#include "base/result.h"
#include "event/handle.h"
#include "event/loop.h"
#include "event/timer.h"

namespace process {

/// A command that runs beside the daemon, in a session of its own, with our standard error as its
/// output. After its time is up all that it has started is killed. Destroyed, it kills it too.
class HookProcess final : public base::Operation {
 public:
  struct Command {
    std::vector<std::string> words = {};
    /// Added to our environment.
    std::map<std::string, std::string> environment = {};
    std::chrono::milliseconds timeout = std::chrono::seconds(10);
  };
  struct Exit {
    int status = 0;
    int signal_number = 0;  // it died of
    bool was_late = false;
  };

  static base::Result<base::Pending> start(event::Loop& loop, const Command& command,
                                           std::function<void(Exit)> on_exit);
  ~HookProcess() override;

 private:
  HookProcess(event::Loop& loop, std::function<void(Exit)> on_exit);
  int spawn(event::Loop& loop, const Command& command);
  void on_exited(int64_t status, int signal_number);
  void kill();

  std::function<void(Exit)> on_exit_;
  bool was_late_ = false;
  bool is_running_ = false;
  event::Timer timer_;
  event::Handle<uv_process_t> handle_ = {};
};

}  // namespace process
