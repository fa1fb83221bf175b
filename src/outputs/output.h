#pragma once

#include <algorithm>
#include <string_view>

#include "discovery/discovery.h"
#include "outputs/member_json.h"
#include "outputs/progress_source.h"

namespace outputs {

/// Somebody who is told what discovery finds. Told after every round, changes or none, so that
/// what could not be delivered at one round is delivered at the next. Never fails: it logs.
class Output : public ProgressSource {
 public:
  virtual void tell(const discovery::Report& report) = 0;

  /// What it is called where its progress is kept; empty: it has none.
  virtual std::string_view name() const { return {}; }
  /// What it has told, for a process that goes on with it.
  virtual Json progress() const { return nullptr; }
  /// To be called before the first tell(). Null, or what progress() does not make: there was no
  /// such output, and all the members are new to it.
  virtual void resume(const discovery::Members& /*members*/, const Json& /*progress*/) {}
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
