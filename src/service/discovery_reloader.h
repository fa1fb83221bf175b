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
/// anew on SIGHUP. The app, the sight and the loop outlive it.
class ServeLookout {
 public:
  ServeLookout(event::Loop& loop, App& app, const options::Serve& serve, Sight& sight);
  ServeLookout(const ServeLookout&) = delete;
  ServeLookout& operator=(const ServeLookout&) = delete;
  ~ServeLookout();

  /// False: discovery was asked for and cannot be had; a line in the log says why.
  bool is_well() const { return is_well_; }

 private:
  void begin();
  Lookout::Outputs outputs();
  void reread();
  void tell_what_stays(const std::map<std::string, std::vector<std::string>>& now) const;

  event::Loop& loop_;
  App& app_;
  options::Serve serve_;
  Sight& sight_;
  bool is_well_ = true;
  std::unique_ptr<Lookout> lookout_ = {};
  event::Signal on_hangup_;
};

}  // namespace service
