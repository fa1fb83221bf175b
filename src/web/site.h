#pragma once

#include <functional>
#include <string>

#include "epmd/registry.h"
#include "net/http_message.h"
#include "web/board.h"

namespace web {

/// How the daemon is, for those who decide whether to send it work.
struct State {
  bool has_discovery = false;
  bool is_draining = false;
  bool is_discovery_broken = false;
};

/// Where it is asked, and what is shown on the page besides.
struct Place {
  std::string host = {};
  uint16_t epmd_port_no = 0;
  std::string version = {};
};

/// What can be asked over HTTP, and the answers. Only reads.
class Site {
 public:
  /// All outlive it.
  Site(const Board& board, const epmd::Registry& registry, const State& state, Place place,
       std::function<std::string()> metrics);

  net::HttpResponse answer(const net::HttpRequest& request) const;
  /// A happening as those are told who read /v1/events.
  std::string event(const Happening& happening) const;

 private:
  using Answer = net::HttpResponse (Site::*)(const net::HttpRequest&) const;
  struct Route {
    const char* path = nullptr;
    Answer answer = nullptr;
  };
  static const Route routes[];

  net::HttpResponse page(const net::HttpRequest& request) const;
  net::HttpResponse style(const net::HttpRequest& request) const;
  net::HttpResponse script(const net::HttpRequest& request) const;
  net::HttpResponse icon(const net::HttpRequest& request) const;
  net::HttpResponse health(const net::HttpRequest& request) const;
  net::HttpResponse readiness(const net::HttpRequest& request) const;
  net::HttpResponse metrics(const net::HttpRequest& request) const;
  net::HttpResponse names(const net::HttpRequest& request) const;
  net::HttpResponse members(const net::HttpRequest& request) const;
  net::HttpResponse events(const net::HttpRequest& request) const;
  net::HttpResponse targets(const net::HttpRequest& request) const;
  std::string why_not_ready() const;
  std::string events_since(const std::string& last_id) const;

  const Board& board_;
  const epmd::Registry& registry_;
  const State& state_;
  Place place_;
  std::function<std::string()> metrics_;
  /// Which life of the daemon the numbers of happenings belong to.
  std::string life_;
};

}  // namespace web
