#include "commands/search.h"

#include "base/host_port.h"
#include "terminal/print.h"
#include "logging/log.h"
#include "probe/local_host.h"
#include "outputs/discovery_log.h"
#include "outputs/member_json.h"

namespace commands {

base::Result<std::unique_ptr<Lookout>> search(net::Loop& loop, const options::Search& search,
                                              Lookout::Outputs outputs) {
  return Lookout::create(loop, search, std::make_unique<net::NoLocalHost>(), std::move(outputs));
}

bool print_members(const discovery::Members& members, options::Output form) {
  std::string text;
  for (const auto& [name, member] : members)
    text +=
        (form == options::Output::json ? output::one_line(output::to_json(member.seen)) : name) +
        '\n';
  return print(text);
}

void tell_failures(const discovery::Sightings& sightings) {
  for (const auto& [query, resolution] : sightings.queries)
    if (!resolution.is_answer()) logging::warn("cannot resolve {}: {}", query, resolution.why);
  for (const auto& [epmd, lines] : sightings.unreadable)
    logging::warn("{}", output::describe_unreadable(epmd, lines));
  for (const discovery::Stray& stray : sightings.strays)
    logging::warn("{} at {} via {} is not a member: {}", stray.name,
                  base::join_host_port(stray.node.ip, stray.node.port_no), stray.query, stray.why);
}

}  // namespace commands
