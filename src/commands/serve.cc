#include <cstring>
#include <utility>

#include "commands/commands.h"
#include "logging/log.h"
#include "service/foreground.h"
#include "terminal/ask.h"

namespace commands {

int serve(const options::Serve& serve) {
  auto foreground = service::prepare(serve);
  if (!foreground) return terminal::fail("serve", foreground.error().message);
  event::Loop loop;
  const int signal_number = service::run_in_foreground(loop, std::move(*foreground));
  if (signal_number == service::failed_to_start) return 1;
  if (signal_number)
    logging::info("ended", "ended by signal {} ({})", logging::field("signal", signal_number),
                  strsignal(signal_number));
  return 0;
}

}  // namespace commands
