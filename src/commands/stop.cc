#include <fmt/core.h>

#include "commands/commands.h"
#include "epmd/alive_name.h"
#include "epmd/message.h"
#include "outputs/member_json.h"
#include "terminal/ask.h"
#include "terminal/failure.h"
#include "terminal/print.h"

namespace commands {

int stop(const options::Stop& stop) {
  const std::string request = epmd::encode_request(epmd::Opcode::stop_req, stop.alive_name);
  const std::string name = epmd::escape_name(stop.alive_name);
  const auto reply = terminal::ask({.port = stop.port}, request, stop.asking);
  const options::Output output = stop.asking.output;
  if (!reply) return terminal::fail("stop", output, terminal::failure_of(reply.error()));
  if (reply->starts_with("NOEXIST"))
    return terminal::fail("stop", output,
                          {fmt::format("no node is registered as '{}'", name), "not_registered"});
  if (!reply->empty() && !reply->starts_with("STOPPED"))
    return terminal::fail("stop", output, terminal::no_epmd(stop.port));
  if (reply->empty())
    return terminal::fail("stop", output,
                          {"the EPMD refused; it obeys only if it was started with "
                           "--relaxed-command-check (epmd: -relaxed_command_check)",
                           "refused"});
  const bool is_json = output == options::Output::json;
  const std::string done = is_json ? outputs::one_line({{"stopped", stop.alive_name}})
                                   : fmt::format("unregistered {}", name);
  return terminal::finish("stop", terminal::print(done + '\n'));
}

}  // namespace commands
