#include <fmt/core.h>

#include "terminal/ask.h"
#include "commands/commands.h"
#include "terminal/print.h"
#include "epmd/message.h"
#include "outputs/member_json.h"

namespace commands {

int kill(const options::Kill& kill) {
  const std::string request = epmd::encode_request(epmd::Opcode::kill_req);
  const auto reply = ask({.port = kill.port}, request, kill.asking);
  if (!reply) return fail("kill", reply.error().message);
  if (*reply == "NO")
    return fail("kill",
                "the EPMD refused, nodes are registered; stop them first, or start it with "
                "--relaxed-command-check (epmd: -relaxed_command_check)");
  if (*reply != "OK") return fail("kill", "the EPMD closed without an answer");
  const bool is_json = kill.asking.output == options::Output::json;
  const std::string done = is_json ? output::one_line({{"killed", true}}) : "ended";
  return print(done + '\n') ? 0 : fail("kill", cannot_print);
}

}  // namespace commands
