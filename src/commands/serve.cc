#include <cstring>
#include <utility>

#include "terminal/ask.h"
#include "commands/commands.h"
#include "service/foreground.h"
#include "logging/log.h"

namespace commands {

int serve(const options::Serve& serve) {
  auto foreground = prepare(serve);
  if (!foreground) return fail("serve", foreground.error().message);
  net::Loop loop;
  const int signal_number = run_in_foreground(loop, std::move(*foreground));
  if (signal_number == failed_to_start) return 1;
  if (signal_number)
    logging::info("ended by signal {} ({})", signal_number, strsignal(signal_number));
  return 0;
}

}  // namespace commands
