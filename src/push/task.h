#pragma once

#include <cstdint>
#include <string>

#include "discovery/discovery.h"
#include "outputs/member_json.h"
#include "outputs/progress_source.h"
#include "probe/dist_connection.h"

namespace push {

/// What one node of this host is to be told, without the connection to it: a Pusher makes that,
/// and makes it again if it is lost.
class PushTask : public outputs::ProgressSource {
 public:
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

  /// What the node has been told, for a process that goes on with it.
  virtual outputs::Json progress() const = 0;
  /// To be called before the first take(), with what progress() has made. Throws
  /// outputs::Json::exception if it has not.
  virtual void resume(const outputs::Json& progress) = 0;
};

}  // namespace push
