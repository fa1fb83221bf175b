#pragma once

#include <functional>
#include <list>
#include <string>
#include <string_view>

#include "epmd/event_sink.h"
#include "epmd/registry.h"
#include "logging/event_limit.h"

namespace logging {

/// Tells what the reference epmd tells, in its words, at its debug levels: 0 is what went wrong,
/// 1 (`-d`) adds a line per request, 2 the bytes, 3 the tables of names. At level 0, which goes to
/// the system's log and can be filled by strangers, the rate is limited.
class ReferenceLog final : public epmd::EventSink {
 public:
  using Write = std::function<void(const std::string& text)>;

  /// Where its lines go. What the reference never sends to the system's log (bytes, tables, and
  /// some lines) goes to `terminal`, which may be empty.
  struct Sinks {
    Write line = {};
    Write terminal_line = {};
    Write terminal = {};
    /// Why a system call failed is what the reference does not say in the system's log.
    bool shows_reasons = true;
  };

  ReferenceLog(event::Loop& loop, int debug_level, Sinks sinks);

  void record(const epmd::Event& event) override;
  /// Whose names stand in the tables of level 3. The registry must outlive the log's use.
  void watch(const epmd::Registry& registry) { registry_ = &registry; }
  /// Tells what was held back, and nothing from then on: of the names that the daemon's own end
  /// takes with it the reference says nothing.
  void end();

 private:
  void add_details(const epmd::Event& event);
  void write_table() const;

  int debug_level_;
  Sinks sinks_;
  const epmd::Registry* registry_ = nullptr;
  bool is_ended_ = false;
  EventLimit limit_;
};

/// The reference's hex dump of the first bytes of a packet.
std::string dump_bytes(std::string_view bytes);

}  // namespace logging
