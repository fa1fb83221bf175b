#pragma once

#include <map>
#include <set>
#include <string>

#include "output/output.h"

namespace output {

/// Logs what changes: who left and why, queries that begin or cease to fail, nodes that are found
/// and cannot be connected to. A state that lasts is logged once, however many rounds it lasts.
class DiscoveryLog final : public Output {
 public:
  /// What is only passing, such as a node that is about to start, is not worth a warning.
  static constexpr unsigned rounds_before_warning = 2;

  /// Strangers can make up names without end.
  static constexpr size_t warnings_per_round = 20;

  void tell(const discovery::Report& report) override;

 private:
  void tell_queries(const discovery::Sightings& sightings);
  void tell_strays(const discovery::Sightings& sightings);
  void tell_dropped(const discovery::Sightings& sightings);
  void tell_changes(const discovery::Report& report);

  std::map<std::string, bool> is_failing_ = {};  // by query
  std::map<std::string, unsigned> strays_ = {};  // by what would be logged: for how many rounds
  bool has_dropped_ = false;
};

}  // namespace output
