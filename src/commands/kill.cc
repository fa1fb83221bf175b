#include <fmt/core.h>

#include "commands/commands.h"
#include "epmd/message.h"
#include "outputs/member_json.h"
#include "terminal/ask.h"
#include "terminal/failure.h"
#include "terminal/print.h"

namespace commands {

int kill(const options::Kill& kill) {
  const std::string request = epmd::encode_request(epmd::Opcode::kill_req);
  const auto reply = terminal::ask({.port = kill.port}, request, kill.asking);
  const options::Output output = kill.asking.output;
  if (!reply) return terminal::fail("kill", output, terminal::failure_of(reply.error()));
  if (*reply == "NO")
    return terminal::fail(
        "kill", output,
        {"the EPMD refused, nodes are registered; stop them first, or start it with "
         "--relaxed-command-check (epmd: -relaxed_command_check)",
         "refused"});
  if (reply->empty())
    return terminal::fail("kill", output,
                          {"what listens at port " + std::to_string(kill.port) +
                               " closed without an answer: is it an EPMD? (`portolan names`)",
                           "no_answer"});
  if (*reply != "OK") return terminal::fail("kill", output, terminal::no_epmd(kill.port));
  const bool is_json = output == options::Output::json;
  const std::string done = is_json ? outputs::one_line({{"killed", true}}) : "ended";
  return terminal::finish("kill", terminal::print(done + '\n'));
}

}  // namespace commands
