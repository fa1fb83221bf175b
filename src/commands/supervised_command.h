#pragma once

#include <memory>
#include <optional>

#include "commands/own_name_wait.h"
#include "event/signal.h"
#include "options/options.h"
#include "process/entrypoint.h"
#include "service/epmd_daemon.h"

namespace commands {

/// The command of `run`, what it waits for, the signals that are passed on to it, and what became
/// of it. SIGHUP is not among them: it is for us, as for `serve`, while the terminal is there.
class SupervisedCommand {
 public:
  /// All but the number outlive it. It has the daemon end when the command has.
  SupervisedCommand(event::Loop& loop, service::EpmdDaemon& daemon, const options::Run& run,
                    process::CommandRecord& record, pid_t main_process);

  /// Starts the command, or what it waits for, or goes on with the one in the record; false: it
  /// cannot, and has said why.
  bool begin();
  /// Of the whole run.
  int status() const { return status_; }

 private:
  bool wait_for_own_name();
  void on_own_name(const doctor::CheckResult& result);
  bool start();
  void pass_on(int signal_number);
  void log_passed_on(int signal_number) const;
  void on_exit(const process::Entrypoint::Exit& exit);

  event::Loop& loop_;
  service::EpmdDaemon& daemon_;
  const options::Run& run_;
  int status_ = 1;
  std::unique_ptr<OwnNameWait> waiting_ = {};
  const process::CommandRecord& record_;
  process::Entrypoint child_;
  event::Signal on_hangup_;
  event::Signal on_quit_;
  event::Signal on_user1_;
  event::Signal on_user2_;
};

}  // namespace commands
