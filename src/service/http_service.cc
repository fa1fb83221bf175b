#include "service/http_service.h"

#include <utility>

#include "logging/log.h"
#include "net/interfaces.h"
#include "web/process_metrics.h"

namespace service {
namespace {

/// Often enough for what stands between us and a reader of events to take him for alive.
constexpr std::chrono::milliseconds heartbeat = std::chrono::seconds(15);
/// A page that is open hears of changes only.
constexpr std::chrono::milliseconds looks_again = std::chrono::seconds(1);

bool shows_mesh(const std::string& path) {
  return path == "/" || path == "/metrics" || path == "/v1/mesh";
}

void repeat(event::Timer& timer, std::chrono::milliseconds interval,
            const std::function<void()>& action) {
  timer.start(interval, [&timer, interval, action] {
    action();
    repeat(timer, interval, action);
  });
}

}  // namespace

HttpService::HttpService(event::Loop& loop, EpmdDaemon& daemon, const options::Serve& serve,
                         const logging::EventLog& events, Telemetry& telemetry,
                         const http::Server::Limits& limits,
                         std::vector<net::ListeningSocket> sockets)
    : daemon_(daemon),
      telemetry_(telemetry),
      events_(events),
      drain_(serve.drain),
      draining_(loop),
      gate_(http::Hosts(net::host_name(), serve.http_hosts)),
      site_(
          telemetry.store, daemon.registry(), telemetry.pushes, telemetry.state,
          {net::host_name(), serve.port, PORTOLAN_VERSION}, [this] { return metrics(); },
          [this, &loop] { return telemetry_.links.report(loop.now()); }),
      still_there_(loop),
      looking_(loop),
      http_(loop, limits, std::move(sockets),
            [this](const http::Request& request) { return answer(request); }) {
  web::note_start();
  telemetry_.store.on_happening([this](const status::Event& happening) {
    site_.note(happening);
    if (http_.streams() > 0) http_.stream(site_.event(happening));
  });
  repeat(still_there_, heartbeat, [this] { http_.stream(": \n\n"); });
  daemon_.on_ending([this] { begin_to_end(); });
  daemon_.on_asked_to_end([this](int signal_number) { end(signal_number); });
}

HttpService::~HttpService() { telemetry_.store.on_happening(nullptr); }

void HttpService::begin_to_end() {
  telemetry_.state.is_draining = true;
  telemetry_.store.note_change();
}

/// Whoever decides who gets work has time to look away.
void HttpService::end(int signal_number) {
  if (drain_.count() == 0 || draining_.is_running()) return daemon_.end(signal_number);
  logging::info("draining", "not ready any more; ending in {} ms, or at the next signal",
                logging::field("drain_ms", drain_.count()));
  draining_.start(drain_, [this, signal_number] { daemon_.end(signal_number); });
}

http::Response HttpService::answer(const http::Request& request) {
  std::optional<http::Response> refusal = gate_.refuse(request);
  if (refusal) return std::move(*refusal);
  if (shows_mesh(request.path)) look();
  http::Response response = site_.answer(request);
  if (response.is_stream && !looking_.is_running()) look_while_streams_are_read();
  return response;
}

void HttpService::look() const {
  if (telemetry_.on_look) telemetry_.on_look();
}

void HttpService::look_while_streams_are_read() {
  looking_.start(looks_again, [this] {
    if (http_.streams() == 0) return;
    look();
    look_while_streams_are_read();
  });
}

std::string HttpService::metrics() const {
  return web::metrics_of({events_, daemon_.registry(), daemon_.connections(), telemetry_.store,
                          telemetry_.probes, telemetry_.pushes, http_, gate_.refused(),
                          telemetry_.state.is_reload_failed, telemetry_.survival,
                          PORTOLAN_VERSION});
}

}  // namespace service
