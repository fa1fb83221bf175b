#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/rate_limit.h"
#include "outputs/output.h"

namespace outputs {

/// Logs what changes: who left and why, queries that begin or cease to fail, nodes that are found
/// and cannot be connected to. A state that lasts is logged once, however many rounds it lasts.
class DiscoveryLog final : public Output {
 public:
  /// What is only passing, such as a node that is about to start, is not worth a warning.
  static constexpr unsigned rounds_before_warning = 2;
  /// Of an EPMD that does not answer, as none does while its container starts or ends.
  static constexpr unsigned rounds_before_epmd = 4;

  /// Strangers can make up names without end, and let them come and go.
  static constexpr size_t warnings_per_round = 20;
  static constexpr uint32_t leavings_per_window = 100;
  static constexpr base::RateLimit::Time window = std::chrono::seconds(10);

  using Clock = std::function<base::RateLimit::Time()>;

  explicit DiscoveryLog(Clock clock = now_by_steady_clock) : clock_(std::move(clock)) {}
  DiscoveryLog(const DiscoveryLog&) = delete;
  DiscoveryLog& operator=(const DiscoveryLog&) = delete;
  /// Tells how many lines were held back, which is else told by a round after their window.
  ~DiscoveryLog() override;

  void tell(const discovery::Report& report) override;

 private:
  static base::RateLimit::Time now_by_steady_clock();
  void tell_queries(const discovery::Sightings& sightings);
  void tell_empty(const std::string& query, const discovery::Resolution& resolution);
  void tell_unusable(const std::string& query, const std::vector<std::string>& now);
  void tell_non_members(const discovery::Sightings& sightings);
  void tell_epmds(const discovery::Sightings& sightings);
  void tell_dropped(const discovery::Sightings& sightings);
  void tell_unreadable(const discovery::Sightings& sightings);
  void tell_leavings_held_back();
  void tell_changes(const discovery::Report& report);

  Clock clock_;
  std::map<std::string, bool> is_failing_ = {};                 // by query
  std::map<std::string, unsigned> empty_ = {};                  // by query: for how many rounds
  std::map<std::string, std::set<std::string>> unusable_ = {};  // by query
  std::map<std::string, unsigned> non_members_ = {};            // by line: for how many rounds
  std::map<discovery::Endpoint, unsigned> failing_epmds_ = {};  // for how many rounds
  bool has_dropped_ = false;
  std::set<discovery::Endpoint> unreadable_ = {};
  base::RateLimit warnings_ = {warnings_per_round, window};
  base::RateLimit summaries_ = {1, window};
  base::RateLimit unreadable_lists_ = {warnings_per_round, window};
  base::RateLimit unusable_lines_ = {warnings_per_round, window};
  base::RateLimit failing_epmd_lines_ = {warnings_per_round, window};
  base::RateLimit leavings_ = {leavings_per_window, window};
};

/// What there is to do about a query behind which there is no address.
constexpr const char* no_address_advice =
    "check the name, and that a running container has it as an alias in one of this container's "
    "networks";

/// Why an EPMD that was asked is none, or a node that has no EPMD is not there. Empty if it has
/// listed its names, or the node is there.
std::string describe_epmd(const discovery::Sightings& sightings, const discovery::Endpoint& epmd);

/// That some lines of an EPMD's list could not be read.
std::string describe_unreadable(const discovery::Endpoint& epmd, size_t lines);

}  // namespace outputs
