#include "service/http_service.h"

#include <utility>

#include "logging/log.h"
#include "net/interfaces.h"
#include "web/process_metrics.h"

namespace service {
namespace {

/// Often enough for what stands between us and a reader of events to take him for alive.
constexpr std::chrono::milliseconds heartbeat = std::chrono::seconds(15);

void repeat(event::Timer& timer, std::chrono::milliseconds interval,
            const std::function<void()>& action) {
  timer.start(interval, [&timer, interval, action] {
    action();
    repeat(timer, interval, action);
  });
}

}  // namespace

HttpService::HttpService(event::Loop& loop, EpmdDaemon& app, const options::Serve& serve,
                         const logging::EventLog& events, Telemetry& sight,
                         const http::HttpServer::Limits& limits,
                         std::vector<net::ListeningSocket> sockets)
    : app_(app),
      sight_(sight),
      events_(events),
      drain_(serve.drain),
      draining_(loop),
      gate_(http::HttpHosts(net::host_name(), serve.http_hosts)),
      site_(sight.board, app.registry(), sight.state,
            {net::host_name(), serve.port, PORTOLAN_VERSION}, [this] { return metrics(); }),
      still_there_(loop),
      http_(loop, limits, std::move(sockets),
            [this](const http::HttpRequest& request) { return answer(request); }) {
  web::note_start();
  sight_.board.on_happening([this](const web::StatusEvent& happening) {
    site_.note(happening);
    if (http_.streams() > 0) http_.stream(site_.event(happening));
  });
  repeat(still_there_, heartbeat, [this] { http_.stream(": \n\n"); });
  app_.on_ending([this] { begin_to_end(); });
  app_.on_asked_to_end([this](int signal_number) { end(signal_number); });
}

HttpService::~HttpService() { sight_.board.on_happening(nullptr); }

void HttpService::begin_to_end() {
  sight_.state.is_draining = true;
  sight_.board.note_change();
}

/// Whoever decides who gets work has time to look away.
void HttpService::end(int signal_number) {
  if (drain_.count() == 0 || draining_.is_running()) return app_.end(signal_number);
  logging::info("not ready any more; ending in {} ms, or at the next signal", drain_.count());
  draining_.start(drain_, [this, signal_number] { app_.end(signal_number); });
}

http::HttpResponse HttpService::answer(const http::HttpRequest& request) {
  std::optional<http::HttpResponse> refusal = gate_.refuse(request);
  return refusal ? std::move(*refusal) : site_.answer(request);
}

std::string HttpService::metrics() const {
  return web::metrics_of({events_, app_.registry(), app_.connections(), sight_.board, sight_.probes,
                          sight_.pushes, http_, gate_.refused(), PORTOLAN_VERSION});
}

}  // namespace service
