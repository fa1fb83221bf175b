#include "web/gate.h"

#include <fmt/core.h>

#include <chrono>

#include "logging/log.h"

namespace web {
namespace {

constexpr unsigned misdirected_request = 421;

base::RateLimit::Time now() {
  return std::chrono::duration_cast<base::RateLimit::Time>(
      std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace

std::optional<http::Response> Gate::refuse(const http::Request& request) {
  const bool shows_nothing = request.path == "/healthz" || request.path == "/readyz";
  if (shows_nothing || hosts_.accepts(request.host)) return std::nullopt;
  ++refused_;
  log(request.host);
  http::Response response;
  response.status = misdirected_request;
  response.body = fmt::format(
      "'{}' is not known to be a name of this daemon. If it is one, start the daemon with "
      "--http-host {} (or PORTOLAN_HTTP_HOST)\n",
      request.host, request.host);
  return response;
}

void Gate::log(const std::string& host) {
  constexpr size_t shown_max = 255;  // no name is longer
  if (!lines_.passes(now())) return;
  logging::warn(
      "http_misdirected",
      "HTTP: refused a request for '{}', not known to be a name of this daemon, and {} more since "
      "this was last said; if it is one, start the daemon with --http-host",
      logging::field("host", host.substr(0, shown_max)), lines_.suppressed());
  lines_.forget_suppressed();
}

}  // namespace web
