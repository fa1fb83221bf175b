#include <variant>

#include "commands/commands.h"
#include "service/foreground.h"
#include "terminal/ask.h"

namespace commands {
namespace {

/// All that a daemon does before it serves.
int try_to(const options::Serve& serve, const char* command) {
  const auto foreground = service::prepare(serve);
  return foreground ? 0 : terminal::fail(command, foreground.error().message);
}

}  // namespace

int try_handover(const options::Command& command) {
  if (const auto* const exit = std::get_if<options::Exit>(&command))
    return exit->status == 0 ? 1 : exit->status;
  if (const auto* const serve = std::get_if<options::Serve>(&command))
    return try_to(*serve, "serve");
  if (const auto* const run = std::get_if<options::Run>(&command)) return try_to(run->serve, "run");
  return terminal::fail("upgrade", "this command is no daemon");
}

}  // namespace commands
