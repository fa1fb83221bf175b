#include "commands/search.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/host_port.h"
#include "logging/log.h"
#include "outputs/discovery_log.h"
#include "outputs/member_json.h"
#include "probe/local_host.h"
#include "terminal/print.h"

namespace commands {
namespace {

void tell_epmds(const discovery::Sightings& sightings) {
  for (const auto& [epmd, outcome] : sightings.epmds)
    if (outcome != discovery::NamesAnswer::Outcome::listed)
      logging::warn("no_epmd", "{}", outputs::describe_epmd(sightings, epmd),
                    logging::field("address", epmd.ip), logging::field("port", epmd.port_no));
}

}  // namespace

base::Result<std::unique_ptr<service::DiscoveryService>> search(
    event::Loop& loop, const options::Search& search, service::DiscoveryService::Outputs outputs) {
  return service::DiscoveryService::create(loop, search, std::make_unique<probe::NoLocalHost>(),
                                           std::move(outputs));
}

void RoundLimit::start(std::chrono::milliseconds timeout) {
  timer_.start(timeout, [this] { end_round(); });
}

void RoundLimit::end_round() {
  timer_.start(last_look_ups_max, [this] { service_.give_up(); });
  service_.give_up();
}

std::string list_of(const std::vector<std::string>& texts) {
  constexpr size_t texts_max = 10;
  std::string list;
  for (size_t i = 0; i < std::min(texts.size(), texts_max); ++i)
    list += (i == 0 ? "" : ", ") + texts[i];
  if (texts.size() > texts_max) list += fmt::format(" and {} more", texts.size() - texts_max);
  return list;
}

bool print_members(const discovery::Members& members, options::Output form) {
  std::string text;
  for (const auto& [name, member] : members)
    text +=
        (form == options::Output::json ? outputs::one_line(outputs::to_json(member.seen)) : name) +
        '\n';
  return terminal::print(text);
}

void tell_failures(const discovery::Sightings& sightings, size_t nodes_wanted) {
  for (const auto& [query, resolution] : sightings.queries)
    if (!resolution.is_answer())
      logging::warn("cannot_resolve", "cannot resolve {}: {}", logging::field("query", query),
                    logging::field("reason", resolution.why));
  for (const auto& [query, resolution] : sightings.queries)
    if (resolution.is_answer() && resolution.endpoints.empty() && resolution.unusable.empty())
      logging::warn("no_address", "{} has no address: {}", logging::field("query", query),
                    outputs::no_address_advice);
  for (const auto& [query, resolution] : sightings.queries)
    for (const std::string& what : resolution.unusable)
      logging::warn("unusable_address", "{}: {}", logging::field("query", query),
                    logging::field("reason", what));
  // Where enough were found, the others may be hosts without nodes.
  if (sightings.seen.size() < nodes_wanted) tell_epmds(sightings);
  for (const auto& [epmd, lines] : sightings.unreadable)
    logging::warn("unreadable_names", "{}", outputs::describe_unreadable(epmd, lines),
                  logging::field("address", epmd.ip), logging::field("port", epmd.port_no));
  for (const discovery::NonMember& non_member : sightings.non_members)
    logging::warn("non_member", "{} at {} via {} is not a member: {}",
                  logging::field("node", non_member.name),
                  base::join_host_port(non_member.node.ip, non_member.node.port_no),
                  logging::field("query", non_member.query),
                  logging::field("reason", non_member.why),
                  logging::field("address", non_member.node.ip),
                  logging::field("port", non_member.node.port_no));
}

}  // namespace commands
