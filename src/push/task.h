#pragma once

#include <cstdint>
#include <string>

#include "discovery/discovery.h"
#include "probe/dist_connection.h"

namespace push {

/// What one node of this host is to be told, without the connection to it: a Pusher makes that,
/// and makes it again if it is lost.
class PushTask {
 public:
  PushTask() = default;
  PushTask(const PushTask&) = delete;
  PushTask& operator=(const PushTask&) = delete;
  virtual ~PushTask() = default;

  /// After each round.
  virtual void take(const discovery::Report& report) = 0;
  /// Whether there is anything worth a connection.
  virtual bool is_wanted() const = 0;
  /// The node has proved itself; or there was another round meanwhile.
  virtual void begin(probe::DistConnection& connection) = 0;
  /// False: nothing more is wanted from this connection.
  virtual bool take_answer(probe::DistConnection& connection, uint32_t call,
                           const std::string& term) = 0;
  /// What was asked and not answered never will be, and nothing more is to be asked.
  virtual void on_lost() = 0;
};

}  // namespace push
