#include <fmt/core.h>

#include <optional>

#include "commands/commands.h"
#include "commands/places.h"
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

/// With the address, if the host has several.
std::string to_text(const epmd::Node& node, const Place& place) {
  return fmt::format("{}\tport {}\t{}\t{}\tversions {} to {}{}\n",
                     epmd::escape_name(node.alive_name), node.port_no, epmd::type_name(node),
                     protocol_of(node), node.lowest_version, node.highest_version,
                     place.is_one_of_many ? "\tat " + place.to_string() : "");
}

std::string to_json(const epmd::Node& node, const Place& place) {
  outputs::Json object = {{"name", node.alive_name},
                          {"port", node.port_no},
                          {"type", epmd::type_name(node)},
                          {"protocol", protocol_of(node)},
                          {"lowest_version", node.lowest_version},
                          {"highest_version", node.highest_version},
                          {"extra", epmd::escape_name(node.extra)}};
  if (place.is_one_of_many) object["address"] = place.host();
  return outputs::one_line(object) + '\n';
}

/// Asks each EPMD behind a host until one knows the name.
class Lookup {
 public:
  explicit Lookup(const options::Lookup& lookup) : lookup_(lookup) {}

  int go() {
    const auto places = places_of(lookup_.endpoint);
    if (!places) return fail(terminal::failure_of(places.error()));
    for (const Place& place : *places)
      if (is_known_at(place)) return print(place);
    return fail(failed_ ? in_part() : not_registered());
  }

 private:
  bool is_known_at(const Place& place) {
    auto client = connect_to(place, lookup_.asking);
    if (!client) return note(terminal::failure_of(client.error()));
    const auto reply = terminal::ask(
        *client, epmd::encode_request(epmd::Opcode::port_please2_req, lookup_.alive_name));
    if (!reply) return note(terminal::failure_of(reply.error()));
    bool is_known = false;
    if (!epmd::parse_port2_resp(*reply, is_known, node_)) return note(no_answer(place));
    if (!is_known) without_ += (without_.empty() ? "" : ", ") + place.host();
    return is_known;
  }

  /// Of several failures the first is told.
  bool note(const terminal::Failure& failure) {
    if (!failed_) failed_ = failure;
    return false;
  }

  terminal::Failure no_answer(const Place& place) const {
    return {
        fmt::format("the EPMD at {} closed without an answer: it takes '{}' for no legal name, or "
                    "does not allow this host to ask",
                    place.host(), shown_name()),
        "no_answer"};
  }

  terminal::Failure not_registered() const {
    return {fmt::format("no node is registered as '{}' at {} (`portolan names` shows who is)",
                        shown_name(), without_),
            "not_registered"};
  }

  /// One of them may have the name.
  terminal::Failure in_part() const {
    terminal::Failure failure = *failed_;
    if (!without_.empty()) failure.why += "; " + not_registered().why;
    return failure;
  }

  int fail(const terminal::Failure& failure) const {
    return terminal::fail("lookup", lookup_.asking.output, failure);
  }

  int print(const Place& place) const {
    const bool is_json = lookup_.asking.output == options::Output::json;
    return terminal::finish(
        "lookup", terminal::print(is_json ? to_json(node_, place) : to_text(node_, place)));
  }

  std::string shown_name() const { return epmd::escape_name(lookup_.alive_name); }

  const options::Lookup& lookup_;
  epmd::Node node_ = {};
  /// The hosts or addresses whose EPMD does not have the name.
  std::string without_ = {};
  std::optional<terminal::Failure> failed_ = {};
};

}  // namespace

int lookup(const options::Lookup& lookup) { return Lookup(lookup).go(); }

}  // namespace commands
