#pragma once

#include <functional>
#include <map>
#include <string>

#include "epmd/registry.h"
#include "http/message.h"
#include "mesh/report.h"
#include "page/page.h"
#include "push/metrics.h"
#include "status/store.h"
#include "web/list_text.h"
#include "web/names_text.h"

namespace web {

/// How the daemon is, for those who decide whether to send it work.
struct State {
  bool has_discovery = false;
  bool is_draining = false;
  /// As --ready-min has it.
  size_t ready_min = 0;
  bool is_discovery_broken = false;
  /// At the last SIGHUP the options were wrong, and stayed as they were.
  bool is_reload_failed = false;
};

/// What can be asked over HTTP, and the answers. Only reads. What grows with the number of names or
/// members is rendered once for each change, in steps between which others have their turn.
class Site {
 public:
  /// All outlive it.
  Site(const status::Store& store, const epmd::Registry& registry, const push::PushMetrics& pushes,
       const State& state, page::ServerInfo place, std::function<std::string()> metrics,
       std::function<mesh::Report()> links);

  /// What is_later is to be asked for again.
  http::Response answer(const http::Request& request);
  /// To be told of each happening.
  void note(const status::Event& happening);
  /// A happening as those are told who read /v1/events.
  std::string event(const status::Event& happening) const;

 private:
  using Answer = http::Response (Site::*)(const http::Request&);
  struct Route {
    const char* path = nullptr;
    Answer answer = nullptr;
  };
  static const Route routes[];

  http::Response page(const http::Request& request);
  http::Response style(const http::Request& request);
  http::Response script(const http::Request& request);
  http::Response icon(const http::Request& request);
  http::Response health(const http::Request& request);
  http::Response readiness(const http::Request& request);
  http::Response metrics(const http::Request& request);
  http::Response names(const http::Request& request);
  http::Response members(const http::Request& request);
  http::Response mesh(const http::Request& request);
  http::Response events(const http::Request& request);
  http::Response targets(const http::Request& request);
  std::string why_not_ready() const;
  bool render_members();
  ListText& targets_at(std::optional<uint16_t> port_no);
  std::string events_since(const std::string& last_id) const;

  const status::Store& store_;
  const epmd::Registry& registry_;
  const push::PushMetrics& pushes_;
  const State& state_;
  page::ServerInfo place_;
  std::function<std::string()> metrics_;
  std::function<mesh::Report()> links_;
  page::Page page_;
  NamesText names_;
  ListText members_;
  ListText non_members_;
  ListText held_back_;
  ListText queries_;
  std::map<std::optional<uint16_t>, ListText> targets_ = {};  // by the port that was asked for
  /// Which life of the daemon the numbers of happenings belong to.
  std::string life_;
};

}  // namespace web
