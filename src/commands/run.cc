#include <optional>
#include <utility>

#include "commands/commands.h"
#include "commands/supervised_command.h"
#include "service/foreground.h"
#include "terminal/ask.h"

namespace commands {

int run(const options::Run& run) {
  auto foreground = service::prepare(run.serve);
  if (!foreground) return terminal::fail("run", foreground.error().message);
  options::Run actual = run;
  actual.serve.port = foreground->serve.port;
  event::Loop loop;
  std::optional<SupervisedCommand> command;
  service::run_in_foreground(loop, std::move(*foreground), [&](service::EpmdDaemon& daemon) {
    command.emplace(loop, daemon, actual);
    return command->begin();
  });
  return command ? command->status() : 1;  // without one the log says why
}

}  // namespace commands
