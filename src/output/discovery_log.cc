#include "output/discovery_log.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "base/host_port.h"

namespace output {
namespace {

using discovery::Change;
using discovery::Stray;

std::string describe(const Stray& stray) {
  return fmt::format("{} at {} via {} is not a member: {}", stray.name,
                     base::join_host_port(stray.node.ip, stray.node.port_no), stray.query,
                     stray.why);
}

}  // namespace

void DiscoveryLog::tell(const discovery::Report& report) {
  tell_queries(report.sightings);
  tell_strays(report.sightings);
  tell_dropped(report.sightings);
  tell_changes(report);
}

void DiscoveryLog::tell_queries(const discovery::Sightings& sightings) {
  for (const auto& [query, resolution] : sightings.queries) {
    const bool fails = !resolution.is_answer();
    const bool did_fail = std::exchange(is_failing_[query], fails);
    if (fails && !did_fail)
      spdlog::warn(
          "cannot resolve {}: {}; the members behind it stay as they are until the DNS "
          "answers",
          query, resolution.why);
    else if (!fails && did_fail)
      spdlog::info("{} resolves again", query);
  }
}

void DiscoveryLog::tell_strays(const discovery::Sightings& sightings) {
  std::map<std::string, unsigned> now;
  for (const Stray& stray : sightings.strays) {
    const std::string line = describe(stray);
    const auto known = strays_.find(line);
    now[line] = known == strays_.end() ? 1 : known->second + 1;
  }
  strays_ = std::move(now);
  size_t due = 0;
  for (const auto& [line, rounds] : strays_)
    if (rounds == rounds_before_warning && ++due <= warnings_per_round) spdlog::warn(line);
  if (due > warnings_per_round)
    spdlog::warn(
        "{} more nodes are not members, and are not logged one by one; `portolan "
        "discover` shows them",
        due - warnings_per_round);
}

void DiscoveryLog::tell_dropped(const discovery::Sightings& sightings) {
  const bool drops = sightings.dropped > 0;
  const bool did_drop = std::exchange(has_dropped_, drops);
  if (drops && !did_drop)
    spdlog::warn(
        "{} names or addresses are over the limits (docs/DISCOVERY.md, \"Limits\") and "
        "are not looked at; does a query lead to somebody else's hosts?",
        sightings.dropped);
}

void DiscoveryLog::tell_changes(const discovery::Report& report) {
  for (const Change& change : report.changes)
    if (change.kind == Change::Kind::left)
      spdlog::info("{} left: {}", change.member.name.to_string(), change.reason);
  spdlog::debug("a round in {} ms: {} members, {} changes, {} strays", report.took.count(),
                report.members.size(), report.changes.size(), report.sightings.strays.size());
}

}  // namespace output
