#include "outputs/discovery_log.h"

#include <fmt/core.h>

#include <utility>

#include "base/host_port.h"
#include "logging/log.h"

namespace outputs {
namespace {

using discovery::Change;
using discovery::NonMember;

std::string describe(const NonMember& non_member) {
  return fmt::format("{} at {} via {} is not a member: {}", non_member.name,
                     base::join_host_port(non_member.node.ip, non_member.node.port_no),
                     non_member.query, non_member.why);
}

void warn_of(const NonMember& non_member, const std::string& line) {
  logging::warn("non_member", "{}", line, logging::field("node", non_member.name),
                logging::field("query", non_member.query), logging::field("reason", non_member.why),
                logging::field("address", non_member.node.ip),
                logging::field("port", non_member.node.port_no));
}

}  // namespace

DiscoveryLog::~DiscoveryLog() { tell_leavings_held_back(); }

base::RateLimit::Time DiscoveryLog::now_by_steady_clock() {
  return std::chrono::duration_cast<base::RateLimit::Time>(
      std::chrono::steady_clock::now().time_since_epoch());
}

void DiscoveryLog::tell(const discovery::Report& report) {
  tell_queries(report.sightings);
  tell_non_members(report.sightings);
  tell_dropped(report.sightings);
  tell_unreadable(report.sightings);
  tell_epmds(report.sightings);
  tell_changes(report);
}

void DiscoveryLog::tell_queries(const discovery::Sightings& sightings) {
  for (const auto& [query, resolution] : sightings.queries) {
    const bool fails = !resolution.is_answer();
    const bool did_fail = std::exchange(is_failing_[query], fails);
    tell_empty(query, resolution);
    if (fails && !did_fail)
      logging::warn("cannot_resolve",
                    "cannot resolve {}: {}; the members behind it stay as they are until the DNS "
                    "answers",
                    logging::field("query", query), logging::field("reason", resolution.why));
    else if (!fails && did_fail)
      logging::info("resolves_again", "{} resolves again", logging::field("query", query));
    tell_unusable(query, resolution.unusable);
  }
}

/// A container that starts gets its alias a moment later.
void DiscoveryLog::tell_empty(const std::string& query, const discovery::Resolution& resolution) {
  const bool is_empty =
      resolution.is_answer() && resolution.endpoints.empty() && resolution.unusable.empty();
  unsigned& rounds = empty_[query];
  rounds = is_empty ? rounds + 1 : 0;
  if (rounds == rounds_before_epmd)
    logging::info("no_address", "{} has no address: {}", logging::field("query", query),
                  no_address_advice);
}

/// Once, as long as the DNS says the same.
void DiscoveryLog::tell_unusable(const std::string& query, const std::vector<std::string>& now) {
  std::set<std::string> told;
  for (const std::string& what : now) {
    const bool is_known = unusable_[query].contains(what);
    if (!is_known && !unusable_lines_.passes(clock_())) continue;
    if (!is_known)
      logging::warn("unusable_address", "{}: {}", logging::field("query", query),
                    logging::field("reason", what));
    told.insert(what);
  }
  unusable_[query] = std::move(told);
}

void DiscoveryLog::tell_non_members(const discovery::Sightings& sightings) {
  std::map<std::string, unsigned> now;
  for (const NonMember& non_member : sightings.non_members) {
    const std::string line = describe(non_member);
    if (now.contains(line)) continue;
    const auto known = non_members_.find(line);
    const unsigned rounds = now[line] = known == non_members_.end() ? 1 : known->second + 1;
    if (rounds == rounds_before_warning && warnings_.passes(clock_())) warn_of(non_member, line);
  }
  non_members_ = std::move(now);
  if (warnings_.suppressed() == 0 || !summaries_.passes(clock_())) return;
  logging::warn("non_members_not_told",
                "{} more nodes are not members, and are not logged one by one; `portolan "
                "discover` shows them",
                logging::field("count", warnings_.suppressed()));
  warnings_.forget_suppressed();
}

void DiscoveryLog::tell_dropped(const discovery::Sightings& sightings) {
  const bool drops = sightings.dropped > 0;
  const bool did_drop = std::exchange(has_dropped_, drops);
  if (drops && !did_drop)
    logging::warn("over_limits",
                  "{} names or addresses are over the limits (docs/DISCOVERY.md, \"Limits\") and "
                  "are not looked at; does a query lead to somebody else's hosts?",
                  logging::field("count", sightings.dropped));
}

/// What the log has no room for now it has later.
void DiscoveryLog::tell_unreadable(const discovery::Sightings& sightings) {
  std::erase_if(unreadable_,
                [&](const auto& epmd) { return !sightings.unreadable.contains(epmd); });
  for (const auto& [epmd, lines] : sightings.unreadable) {
    if (unreadable_.contains(epmd)) continue;
    if (!unreadable_lists_.passes(clock_())) return;
    logging::warn("unreadable_names", "{}", describe_unreadable(epmd, lines),
                  logging::field("address", epmd.ip), logging::field("port", epmd.port_no));
    unreadable_.insert(epmd);
  }
}

void DiscoveryLog::tell_epmds(const discovery::Sightings& sightings) {
  std::map<discovery::Endpoint, unsigned> now;
  for (const auto& [epmd, outcome] : sightings.epmds) {
    if (outcome == discovery::NamesAnswer::Outcome::listed) continue;
    const std::string line = describe_epmd(sightings, epmd);
    if (line.empty()) continue;
    const auto known = failing_epmds_.find(epmd);
    const unsigned rounds = now[epmd] = known == failing_epmds_.end() ? 1 : known->second + 1;
    if (rounds == rounds_before_epmd && failing_epmd_lines_.passes(clock_()))
      logging::info("no_epmd", "{}", line, logging::field("address", epmd.ip),
                    logging::field("port", epmd.port_no));
  }
  failing_epmds_ = std::move(now);
}

void DiscoveryLog::tell_leavings_held_back() {
  if (leavings_.suppressed() > 0)
    logging::info("leavings_not_told", "{} more nodes left, not logged one by one",
                  logging::field("count", leavings_.suppressed()));
  leavings_.forget_suppressed();
}

void DiscoveryLog::tell_changes(const discovery::Report& report) {
  if (!leavings_.is_open(clock_())) tell_leavings_held_back();
  for (const Change& change : report.changes)
    if (change.kind == Change::Kind::left && leavings_.passes(clock_()))
      logging::info("left", "{} left: {}", logging::field("node", change.member.name.to_string()),
                    logging::field("reason", change.reason));
  using logging::field;
  logging::debug("round", "a round in {} ms: {} members, {} changes, {} non-members",
                 field("took_ms", report.took.count()), field("members", report.members.size()),
                 field("changes", report.changes.size()),
                 field("non_members", report.sightings.non_members.size()));
}

std::string describe_epmd(const discovery::Sightings& sightings, const discovery::Endpoint& epmd) {
  using Outcome = discovery::NamesAnswer::Outcome;
  const Outcome outcome = sightings.epmds.at(epmd);
  const std::string place = base::join_host_port(epmd.ip, epmd.port_no);
  const bool is_node = sightings.nodes_without_epmd.contains(epmd);
  if (is_node && outcome == Outcome::refused) return "no node listens at " + place;
  if (is_node && outcome == Outcome::silent) return "no node answers at " + place;
  const bool is_usual = epmd.port_no == discovery::epmd_port_no_default;
  const std::string hint =
      is_usual ? "" : "; is that the port of an EPMD, or, from an SRV record, of another service?";
  switch (outcome) {
    case Outcome::listed: return "";
    case Outcome::refused: return "no EPMD listens at " + place + hint;
    case Outcome::silent: return "nothing answers at " + place + hint;
    case Outcome::nonsense: return "what listens at " + place + " is no EPMD" + hint;
  }
  return "";
}

std::string describe_unreadable(const discovery::Endpoint& epmd, size_t lines) {
  return fmt::format(
      "the EPMD at {} lists {} lines that cannot be read, and are left out; an alive name there "
      "has a line feed in it, perhaps",
      base::join_host_port(epmd.ip, epmd.port_no), lines);
}

}  // namespace outputs
