#include <cstring>
#include <utility>

#include "commands/commands.h"
#include "logging/log.h"
#include "service/kept_foreground.h"
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

}  // namespace

int serve(const options::Serve& serve) {
  auto foreground = service::prepare(serve);
  if (!foreground) return terminal::fail("serve", foreground.error().message);
  return service::run_with_keeper(*foreground, [&] { return run_server(std::move(*foreground)); });
}

}  // namespace commands
