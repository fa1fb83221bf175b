#pragma once

#include <algorithm>

#include "discovery/discovery.h"

namespace outputs {

/// Somebody who is told what discovery finds. Told after every round, changes or none, so that
/// what could not be delivered at one round is delivered at the next. Never fails: it logs.
class Output {
 public:
  Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  virtual ~Output() = default;
  virtual void tell(const discovery::Report& report) = 0;
};

/// Nobody has been found and the DNS has not answered every query: what an earlier process has left
/// in a file may still be true, and is worth more than an empty list.
inline bool knows_nothing(const discovery::Report& report) {
  const auto& queries = report.sightings.queries;
  return report.members.empty() &&
         std::any_of(queries.begin(), queries.end(),
                     [](const auto& each) { return !each.second.is_answer(); });
}

}  // namespace outputs
