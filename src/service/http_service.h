#pragma once

#include <optional>
#include <vector>

#include "service/epmd_daemon.h"
#include "http/server.h"
#include "event/timer.h"
#include "options/options.h"
#include "logging/event_log.h"
#include "web/gate.h"
#include "web/metrics.h"
#include "web/site.h"

namespace commands {

/// What is counted, and kept for those who look, whether or not anybody can.
struct Sight {
  explicit Sight(epmd::Journal& journal) : board(journal) {}

  web::Board board;
  web::State state = {};
  discovery::ProbeFigures probes = {};
  output::PushFigures pushes = {};
};

/// HTTP for `serve`. Asked to end, it first says that it is not ready, for as long as --drain; the
/// next time, it ends at once. All that it is given outlives it.
class ServeWeb {
 public:
  ServeWeb(net::Loop& loop, App& app, const options::Serve& serve, const output::EventLog& events,
           Sight& sight, const net::HttpServer::Limits& limits,
           std::vector<net::ListeningSocket> sockets);
  ServeWeb(const ServeWeb&) = delete;
  ServeWeb& operator=(const ServeWeb&) = delete;
  ~ServeWeb();

 private:
  void begin_to_end();
  void end(int signal_number);
  net::HttpResponse answer(const net::HttpRequest& request);
  std::string metrics() const;

  App& app_;
  Sight& sight_;
  const output::EventLog& events_;
  std::chrono::milliseconds drain_;
  net::Timer draining_;
  web::Gate gate_;
  web::Site site_;
  net::Timer still_there_;
  net::HttpServer http_;
};

}  // namespace commands
