#include <cstring>
#include <utility>

#include "commands/commands.h"
#include "logging/log.h"
#include "service/foreground.h"
#include "terminal/ask.h"

namespace commands {
namespace {

int run_server(service::Foreground foreground) {
  event::Loop loop;
  const int signal_number = service::run_in_foreground(loop, std::move(foreground));
  if (signal_number == service::failed_to_start) return 1;
  if (signal_number)
    logging::info("ended", "ended by signal {} ({})", logging::field("signal", signal_number),
                  strsignal(signal_number));
  return 0;
}

/// Returns in each server, and in the keeper.
base::Result<int> run_with_keeper(service::Foreground& foreground) {
  auto keeper = service::keeper_for(foreground);
  if (!keeper) return keeper.error();
  return keeper->run([&foreground](const keeper::Life& life) {
    foreground.survival = service::begin_life(life, foreground);
    return run_server(std::move(foreground));
  });
}

}  // namespace

int serve(const options::Serve& serve) {
  auto foreground = service::prepare(serve);
  if (!foreground) return terminal::fail("serve", foreground.error().message);
  if (serve.keeps_names) {
    const base::Result<int> status = run_with_keeper(*foreground);
    if (status) return *status;
    service::tell_no_name_is_kept(status.error());
  }
  service::let_go(*foreground);
  return run_server(std::move(*foreground));
}

}  // namespace commands
