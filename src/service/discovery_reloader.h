#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "event/signal.h"
#include "options/options.h"
#include "service/discovery_service.h"
#include "service/epmd_daemon.h"
#include "service/http_service.h"

namespace service {

/// The lookout of `serve`, if it has one: goes on a round when a name comes or goes, and is set up
/// anew on SIGHUP. What it is given outlives it; without notes nothing outlives a crash.
class DiscoveryReloader {
 public:
  DiscoveryReloader(event::Loop& loop, EpmdDaemon& daemon, const options::Serve& serve,
                    Telemetry& telemetry, keeper::Notes* notes = nullptr);
  DiscoveryReloader(const DiscoveryReloader&) = delete;
  DiscoveryReloader& operator=(const DiscoveryReloader&) = delete;
  ~DiscoveryReloader();

  /// False: discovery was asked for and cannot be had; a line in the log says why.
  bool is_well() const { return is_well_; }

 private:
  void begin();
  void detach();
  DiscoveryService::Outputs outputs();
  void reread();
  void tell_what_stays(const std::map<std::string, std::vector<std::string>>& now) const;

  event::Loop& loop_;
  EpmdDaemon& daemon_;
  options::Serve serve_;
  Telemetry& telemetry_;
  keeper::Notes* notes_;
  bool is_well_ = true;
  std::unique_ptr<DiscoveryService> discovery_ = {};
  event::Signal on_hangup_;
};

}  // namespace service
