#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "event/timer.h"
#include "http/server.h"
#include "logging/event_log.h"
#include "mesh/local_links.h"
#include "options/options.h"
#include "service/epmd_daemon.h"
#include "status/store.h"
#include "web/gate.h"
#include "web/metrics.h"
#include "web/site.h"

namespace service {

/// What is counted, and kept for those who look, whether or not anybody can.
struct Telemetry {
  explicit Telemetry(epmd::EventSink& event_sink) : store(event_sink) {}

  status::Store store;
  web::State state = {};
  discovery::ProbeMetrics probes = {};
  push::PushMetrics pushes = {};
  mesh::LocalLinks links = {};
  /// Somebody looks at the mesh in the store; not set if nobody keeps it there.
  std::function<void()> on_look = {};
  web::SurvivalCounts survival = {};
};

/// HTTP for `serve`. Asked to end, it first says that it is not ready, for as long as --drain; the
/// next time, it ends at once. All that it is given outlives it.
class HttpService {
 public:
  HttpService(event::Loop& loop, EpmdDaemon& daemon, const options::Serve& serve,
              const logging::EventLog& events, Telemetry& telemetry,
              const http::Server::Limits& limits, std::vector<net::ListeningSocket> sockets);
  HttpService(const HttpService&) = delete;
  HttpService& operator=(const HttpService&) = delete;
  ~HttpService();

 private:
  void begin_to_end();
  void end(int signal_number);
  http::Response answer(const http::Request& request);
  void look() const;
  void look_while_streams_are_read();
  std::string metrics() const;

  EpmdDaemon& daemon_;
  Telemetry& telemetry_;
  const logging::EventLog& events_;
  std::chrono::milliseconds drain_;
  event::Timer draining_;
  web::Gate gate_;
  web::Site site_;
  event::Timer still_there_;
  event::Timer looking_;
  http::Server http_;
};

}  // namespace service
