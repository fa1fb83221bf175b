#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>

#include "discovery/sightings.h"

namespace discovery {

/// In Docker's Swarm a service's name may be that of one virtual address, behind which whoever is
/// next answers, or nobody; its tasks have a name of their own, tasks.NAME. Remembers from round to
/// round which queries have tasks.
class SwarmTasks {
 public:
  /// Whether to look for the tasks of a query, given what it led to in this round.
  bool is_due(const Query& query, const Sightings& sightings, Time now) const;
  /// The query for the tasks of another.
  static Query tasks_of(Query query);
  /// Whether what the query for the tasks led to counts for the query itself.
  bool learn(const Query& query, const Resolution& resolution, Time now);
  size_t size() const { return with_tasks_.size() + without_tasks_.size(); }

 private:
  /// By their texts, the queries whose tasks are what counts.
  std::set<std::string> with_tasks_ = {};
  /// When a query's tasks were last found to be nothing.
  std::map<std::string, Time> without_tasks_ = {};
};

}  // namespace discovery
