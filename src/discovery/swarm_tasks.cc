#include "discovery/swarm_tasks.h"

namespace discovery {
namespace {

constexpr std::string_view tasks_prefix = "tasks.";
/// Where there are no tasks, there will be none soon.
constexpr Time tasks_timeout = std::chrono::minutes(1);

/// Whether one address is behind the query, and no EPMD answers there.
bool is_mute(const Query& query, const Sightings& sightings) {
  const auto& endpoints = sightings.queries.at(query.text).endpoints;
  if (endpoints.size() != 1 || endpoints.front().ip == query.name) return false;
  const auto asked = sightings.epmds.find(endpoints.front());
  return asked != sightings.epmds.end() && asked->second != NamesAnswer::Outcome::listed;
}

}  // namespace

bool SwarmTasks::is_due(const Query& query, const Sightings& sightings, Time now) const {
  if (query.kind != Query::Kind::host || query.name.starts_with(tasks_prefix)) return false;
  if (with_tasks_.contains(query.text)) return true;
  const auto refused = without_tasks_.find(query.text);
  if (refused != without_tasks_.end() && refused->second + tasks_timeout > now) return false;
  return is_mute(query, sightings);
}

Query SwarmTasks::tasks_of(Query query) {
  query.name.insert(0, tasks_prefix);
  return query;
}

/// Once the tasks have been found, not to find them is no reason to believe the virtual address.
bool SwarmTasks::learn(const Query& query, const Resolution& resolution, Time now) {
  const bool is_found = !resolution.endpoints.empty();
  if (is_found) with_tasks_.insert(query.text);
  if (resolution.outcome == Resolution::Outcome::empty) with_tasks_.erase(query.text);
  const bool counts = with_tasks_.contains(query.text);
  if (!counts) without_tasks_[query.text] = now;
  return counts;
}

}  // namespace discovery
