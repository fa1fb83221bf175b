#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "event/loop.h"
#include "event/signal.h"
#include "event/timer.h"
#include "process/command_record.h"

namespace process {

/// The command that a container is there for, as our child: with our standard streams, and with
/// the terminal if we have it. A process that loses its parent becomes our child too, and is reaped
/// when it ends: the first process of a container has to, and elsewhere we ask to.
class Entrypoint {
 public:
  /// What signals are sent to, and what is waited for.
  enum class Reach {
    command,
    group,  // the command's process group: what it has started and has not left the group
  };
  struct Exit {
    int status = 0;
    int signal_number = 0;  // it died of
    /// The command has ended, and processes of its group still run: it is not over yet.
    bool is_group_left = false;
    /// As a shell tells it.
    int shell_status() const { return signal_number != 0 ? 128 + signal_number : status; }
  };
  using OnExit = std::function<void(Exit)>;

  /// The loop and the record outlive it. `main_process` is what a shell knows of us. `on_exit`
  /// tells the command's exit: when all is over, and before that once more if some of the group is
  /// left. It may not destroy the Entrypoint.
  Entrypoint(event::Loop& loop, Reach reach, CommandRecord& record, pid_t main_process,
             OnExit on_exit);
  Entrypoint(const Entrypoint&) = delete;
  Entrypoint& operator=(const Entrypoint&) = delete;
  /// Kills what still runs.
  ~Entrypoint();

  /// Starts the command, found by PATH as a shell does, with our environment and what is `added`;
  /// returns the error's number, or 0.
  int start(std::vector<std::string> words, const std::map<std::string, std::string>& added = {});
  /// Goes on with the command in the record, which another process has started and somebody else
  /// reaps: they note its end there, and send us SIGCHLD.
  void adopt();
  /// Passes a signal on to it; false: it does not run, or not any more.
  bool send(int signal_number) const;
  /// SIGHUP is for us, unless it says that the terminal is gone: of that only we are told.
  bool pass_on_hangup() const;
  /// Who gets signals, for messages: "process 7" or "process group 7".
  std::string receiver() const;

 private:
  void see_to_it();
  void see_to_stop();
  void wake_group() const;
  void reap();
  void reap_each();
  void see_to_group();
  bool is_the_loops(pid_t process);
  void take_end();
  void finish();

  event::Loop& loop_;
  Reach reach_;
  CommandRecord& record_;
  pid_t main_process_;
  OnExit on_exit_;
  pid_t process_ = 0;  // 0: it has ended
  pid_t group_ = 0;    // 0: it has not begun, or all is over
  Exit exit_ = {};
  bool has_terminal_ = false;
  event::Timer again_;
  event::Signal on_child_;
  event::Signal on_woken_;
};

}  // namespace process
