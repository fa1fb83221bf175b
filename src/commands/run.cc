#include <csignal>
#include <optional>
#include <utility>

#include "commands/commands.h"
#include "commands/supervised_command.h"
#include "service/kept_foreground.h"
#include "terminal/ask.h"

namespace commands {
namespace {

int run_server(const options::Run& run, service::Foreground foreground) {
  process::CommandRecord record;
  process::CommandRecord* const kept = service::command_record(foreground);
  const pid_t main_process = service::main_process(foreground.survival.get());
  event::Loop loop;
  std::optional<SupervisedCommand> command;
  service::run_in_foreground(loop, std::move(foreground), [&](service::EpmdDaemon& daemon) {
    command.emplace(loop, daemon, run, kept ? *kept : record, main_process);
    return command->begin();
  });
  return command ? command->status() : 1;  // without one the log says why
}

}  // namespace

int run(const options::Run& run) {
  auto foreground = service::prepare(run.serve);
  if (!foreground) return terminal::fail("run", foreground.error().message);
  options::Run actual = run;
  actual.serve.port = foreground->serve.port;
  return service::run_with_keeper(*foreground,
                                  [&] { return run_server(actual, std::move(*foreground)); },
                                  {SIGQUIT, SIGUSR1, SIGUSR2, SIGCONT});
}

}  // namespace commands
