
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <utility>

#include "commands/commands.h"
#include "event/signal.h"
#include "logging/log.h"
#include "process/entrypoint.h"
#include "service/foreground.h"
#include "terminal/ask.h"

namespace commands {
namespace {

/// As a shell has them.
constexpr int status_not_found = 127;
constexpr int status_not_executable = 126;

int status_of(int error_number) {
  return error_number == ENOENT ? status_not_found : status_not_executable;
}

/// The command, the signals that are passed on to it, and what became of it. SIGHUP is not among
/// them: it is for us, as for `serve`, while the terminal is there.
class SupervisedCommand {
 public:
  SupervisedCommand(event::Loop& loop, service::EpmdDaemon& daemon,
                    process::Entrypoint::Reach reach)
      : child_(loop, reach,
               [&daemon, this](process::Entrypoint::Exit exit) { on_exit(daemon, exit); }),
        on_hangup_(loop, SIGHUP, [this] { child_.pass_on_hangup(); }),
        on_quit_(loop, SIGQUIT, [this] { child_.send(SIGQUIT); }),
        on_user1_(loop, SIGUSR1, [this] { child_.send(SIGUSR1); }),
        on_user2_(loop, SIGUSR2, [this] { child_.send(SIGUSR2); }) {
    // A KILL_REQ would leave the command without its EPMD: it is asked to end as well.
    daemon.on_asked_to_end([this](int signal) { child_.send(signal != 0 ? signal : SIGTERM); });
  }

  /// Its nodes are to find this daemon, however its port was given.
  bool start(const std::vector<std::string>& words, uint16_t epmd_port_no) {
    const int error_number = child_.start(words, {{"ERL_EPMD_PORT", std::to_string(epmd_port_no)}});
    if (error_number == 0) return true;
    status_ = status_of(error_number);
    terminal::fail("run", "cannot run " + words.front() + ": " + std::strerror(error_number) +
                              "; the daemon is not wanted without it");
    return false;
  }

  int status() const { return status_; }

 private:
  void on_exit(service::EpmdDaemon& daemon, const process::Entrypoint::Exit& exit) {
    status_ = exit.shell_status();
    const char* const left =
        exit.is_group_left ? "; waiting for the other processes of its group" : "";
    if (exit.signal_number != 0)
      logging::info("the command died of signal {} ({}){}", exit.signal_number,
                    strsignal(exit.signal_number), left);
    else
      logging::info("the command has exited with {}{}", exit.status, left);
    if (!exit.is_group_left) daemon.end();
  }

  int status_ = 1;
  process::Entrypoint child_;
  event::Signal on_hangup_;
  event::Signal on_quit_;
  event::Signal on_user1_;
  event::Signal on_user2_;
};

}  // namespace

int run(const options::Run& run) {
  auto foreground = service::prepare(run.serve);
  if (!foreground) return terminal::fail("run", foreground.error().message);
  event::Loop loop;
  std::optional<SupervisedCommand> command;
  service::run_in_foreground(loop, std::move(*foreground), [&](service::EpmdDaemon& daemon) {
    using Reach = process::Entrypoint::Reach;
    command.emplace(loop, daemon, run.is_for_group ? Reach::group : Reach::command);
    return command->start(run.words, run.serve.port);
  });
  return command ? command->status() : 1;  // without one the log says why
}

}  // namespace commands
