#include <fmt/core.h>

#include "commands/commands.h"
#include "epmd/alive_name.h"
#include "epmd/message.h"
#include "outputs/member_json.h"
#include "terminal/ask.h"
#include "terminal/failure.h"
#include "terminal/print.h"

namespace commands {
namespace {

std::string protocol_of(const epmd::Node& node) {
  return node.protocol == 0 ? "tcp" : fmt::format("{}", node.protocol);
}

std::string to_text(const epmd::Node& node) {
  return fmt::format("{}\tport {}\t{}\t{}\tversions {} to {}\n", epmd::escape_name(node.alive_name),
                     node.port_no, epmd::type_name(node), protocol_of(node), node.lowest_version,
                     node.highest_version);
}

std::string to_json(const epmd::Node& node) {
  const outputs::Json object = {{"name", node.alive_name},
                                {"port", node.port_no},
                                {"type", epmd::type_name(node)},
                                {"protocol", protocol_of(node)},
                                {"lowest_version", node.lowest_version},
                                {"highest_version", node.highest_version},
                                {"extra", epmd::escape_name(node.extra)}};
  return outputs::one_line(object) + '\n';
}

}  // namespace

int lookup(const options::Lookup& lookup) {
  const std::string request =
      epmd::encode_request(epmd::Opcode::port_please2_req, lookup.alive_name);
  const auto reply = terminal::ask(lookup.endpoint, request, lookup.asking);
  const options::Output output = lookup.asking.output;
  if (!reply) return terminal::fail("lookup", output, terminal::failure_of(reply.error()));
  bool is_known = false;
  epmd::Node node;
  if (!epmd::parse_port2_resp(*reply, is_known, node))
    return terminal::fail(
        "lookup", output,
        {fmt::format("the EPMD at {} closed without an answer: it takes '{}' for no legal name, or "
                     "does not allow this host to ask",
                     lookup.endpoint.host, epmd::escape_name(lookup.alive_name)),
         "no_answer"});
  if (!is_known)
    return terminal::fail(
        "lookup", output,
        {fmt::format("no node is registered as '{}' at {} (`portolan names` shows who is)",
                     epmd::escape_name(lookup.alive_name), lookup.endpoint.host),
         "not_registered"});
  const bool is_json = output == options::Output::json;
  return terminal::finish("lookup", terminal::print(is_json ? to_json(node) : to_text(node)));
}

}  // namespace commands
