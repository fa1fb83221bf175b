#pragma once

#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include "discovery/members.h"
#include "discovery/sightings.h"
#include "event/signal.h"
#include "event/timer.h"
#include "service/discovery_service.h"

namespace commands {

/// A lookout for a command that is no EPMD: all that it finds are others.
base::Result<std::unique_ptr<service::DiscoveryService>> search(
    event::Loop& loop, const options::Search& search, service::DiscoveryService::Outputs outputs);

/// Ends the loop on SIGTERM and SIGINT, which the first process of a container would not hear
/// otherwise. The loop outlives it.
class Interruption {
 public:
  explicit Interruption(event::Loop& loop)
      : on_terminate_(loop, SIGTERM, [this, &loop] { end(loop, SIGTERM); }),
        on_interrupt_(loop, SIGINT, [this, &loop] { end(loop, SIGINT); }) {}

  /// As a shell tells an end by a signal; 0 if there was none.
  int status() const { return status_; }

 private:
  void end(event::Loop& loop, int number) {
    status_ = 128 + number;
    loop.stop();
  }

  int status_ = 0;
  event::Signal on_terminate_;
  event::Signal on_interrupt_;
};

/// Ends the round when the time is over. What is known by then needs a look-up or two more. The
/// loop and the service outlive it.
class RoundLimit {
 public:
  RoundLimit(event::Loop& loop, service::DiscoveryService& service)
      : service_(service), timer_(loop) {}

  void start(std::chrono::milliseconds timeout);
  void end_round();

 private:
  static constexpr std::chrono::milliseconds last_look_ups_max{500};

  service::DiscoveryService& service_;
  event::Timer timer_;
};

/// The first ten, and how many more.
std::string list_of(const std::vector<std::string>& texts);

/// A node name a line, or a JSON object a line, on standard output. False if it takes them not.
bool print_members(const discovery::Members& members, options::Output form);

/// What was not resolved, and who was found without being a member, on standard error. Where fewer
/// nodes were seen than wanted, also each address at which no EPMD answers.
void tell_failures(const discovery::Sightings& sightings, size_t nodes_wanted = 1);

}  // namespace commands
