#pragma once

#include <optional>
#include <vector>

#include "event/timer.h"
#include "http/server.h"
#include "logging/event_log.h"
#include "options/options.h"
#include "service/epmd_daemon.h"
#include "web/gate.h"
#include "web/metrics.h"
#include "web/site.h"

namespace service {

/// What is counted, and kept for those who look, whether or not anybody can.
struct Sight {
  explicit Sight(epmd::Journal& journal) : board(journal) {}

  web::Board board;
  web::State state = {};
  discovery::ProbeFigures probes = {};
  push::PushFigures pushes = {};
};

/// HTTP for `serve`. Asked to end, it first says that it is not ready, for as long as --drain; the
/// next time, it ends at once. All that it is given outlives it.
class ServeWeb {
 public:
  ServeWeb(event::Loop& loop, App& app, const options::Serve& serve,
           const logging::EventLog& events, Sight& sight, const http::HttpServer::Limits& limits,
           std::vector<net::ListeningSocket> sockets);
  ServeWeb(const ServeWeb&) = delete;
  ServeWeb& operator=(const ServeWeb&) = delete;
  ~ServeWeb();

 private:
  void begin_to_end();
  void end(int signal_number);
  http::HttpResponse answer(const http::HttpRequest& request);
  std::string metrics() const;

  App& app_;
  Sight& sight_;
  const logging::EventLog& events_;
  std::chrono::milliseconds drain_;
  event::Timer draining_;
  web::Gate gate_;
  web::Site site_;
  event::Timer still_there_;
  http::HttpServer http_;
};

}  // namespace service
