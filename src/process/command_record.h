#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>

namespace process {

/// What is known of the command of `run`. It may lie in memory that outlives the process that has
/// started the command, so that another one goes on with it.
struct CommandRecord {
  enum class Stage : uint32_t { not_started, starting, running, ended };

  Stage stage = Stage::not_started;
  /// The command's, and of its process group.
  pid_t process = 0;
  uint32_t has_terminal = 0;
  /// Of its end.
  int32_t status = 0;
  int32_t signal_number = 0;  // it died of

  /// The numbers are there when the stage is.
  void set_stage(Stage value) { std::atomic_ref(stage).store(value, std::memory_order_release); }
  void end(int with_status, int by_signal) {
    status = with_status;
    signal_number = by_signal;
    set_stage(Stage::ended);
  }
};

}  // namespace process
