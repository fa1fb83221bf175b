#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "discovery/metered_prober.h"
#include "epmd/registry.h"
#include "http/server.h"
#include "logging/event_log.h"
#include "push/metrics.h"
#include "status/store.h"

namespace web {

/// Writes metrics in Prometheus' text format (version 0.0.4), a family after another.
class MetricsText {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  /// What follows are its samples. Counters' names end in _total, units are in the name.
  void begin(std::string_view name, std::string_view type, std::string_view help);
  void sample(double value, Labels labels = {}) { sample("", value, labels); }
  /// With a name that goes on, such as _bucket.
  void sample(std::string_view suffix, double value, Labels labels = {});
  /// A family of one sample.
  void add(std::string_view name, std::string_view type, std::string_view help, double value);

  const std::string& text() const { return text_; }

 private:
  std::string name_ = {};
  std::string text_ = {};
};

/// A count as a sample has it.
inline double number(uint64_t count) { return static_cast<double>(count); }

/// What the keeper of the names has done; all are 0 without one.
struct SurvivalCounts {
  uint64_t restarts = 0;
  uint64_t names_kept = 0;
  uint64_t names_lost = 0;
};

/// All that is counted. The labels are of our own choosing, and the operator's own queries: none
/// holds what a stranger has sent.
struct MetricsInput {
  const logging::EventLog& events;
  const epmd::Registry& registry;
  size_t connections = 0;
  const status::Store& store;
  const discovery::ProbeMetrics& probes;
  const push::PushMetrics& pushes;
  const http::Server& http;
  uint64_t misdirected = 0;
  bool is_reload_failed = false;
  SurvivalCounts survival = {};
  std::string_view version = {};
};

std::string metrics_of(const MetricsInput& input);

}  // namespace web
