#pragma once

#include <functional>
#include <map>
#include <string>

#include "epmd/registry.h"
#include "http/message.h"
#include "web/board.h"
#include "web/list_text.h"
#include "web/names_text.h"
#include "web/page.h"

namespace web {

/// How the daemon is, for those who decide whether to send it work.
struct State {
  bool has_discovery = false;
  bool is_draining = false;
  bool is_discovery_broken = false;
};

/// What can be asked over HTTP, and the answers. Only reads. What grows with the number of names or
/// members is rendered once for each change, in steps between which others have their turn.
class Site {
 public:
  /// All outlive it.
  Site(const Board& board, const epmd::Registry& registry, const State& state, Place place,
       std::function<std::string()> metrics);

  /// What is_later is to be asked for again.
  net::HttpResponse answer(const net::HttpRequest& request);
  /// To be told of each happening.
  void note(const Happening& happening);
  /// A happening as those are told who read /v1/events.
  std::string event(const Happening& happening) const;

 private:
  using Answer = net::HttpResponse (Site::*)(const net::HttpRequest&);
  struct Route {
    const char* path = nullptr;
    Answer answer = nullptr;
  };
  static const Route routes[];

  net::HttpResponse page(const net::HttpRequest& request);
  net::HttpResponse style(const net::HttpRequest& request);
  net::HttpResponse script(const net::HttpRequest& request);
  net::HttpResponse icon(const net::HttpRequest& request);
  net::HttpResponse health(const net::HttpRequest& request);
  net::HttpResponse readiness(const net::HttpRequest& request);
  net::HttpResponse metrics(const net::HttpRequest& request);
  net::HttpResponse names(const net::HttpRequest& request);
  net::HttpResponse members(const net::HttpRequest& request);
  net::HttpResponse events(const net::HttpRequest& request);
  net::HttpResponse targets(const net::HttpRequest& request);
  std::string why_not_ready() const;
  bool render_members();
  ListText& targets_at(std::optional<uint16_t> port_no);
  std::string events_since(const std::string& last_id) const;

  const Board& board_;
  const epmd::Registry& registry_;
  const State& state_;
  Place place_;
  std::function<std::string()> metrics_;
  Page page_;
  NamesText names_;
  ListText members_;
  ListText strays_;
  ListText held_back_;
  ListText queries_;
  std::map<std::optional<uint16_t>, ListText> targets_ = {};  // by the port that was asked for
  /// Which life of the daemon the numbers of happenings belong to.
  std::string life_;
};

}  // namespace web
