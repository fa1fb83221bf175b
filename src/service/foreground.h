#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "event/loop.h"
#include "http/server.h"
#include "keeper/handover.h"
#include "net/listening.h"
#include "options/options.h"
#include "service/epmd_daemon.h"
#include "service/survival.h"

namespace service {

/// A daemon that is about to run in the foreground: all it needs is there, its sockets listen.
struct Foreground {
  options::Serve serve = {};
  EpmdDaemon::Settings settings = {};
  std::string where = {};
  std::vector<net::ListeningSocket> sockets = {};
  std::vector<net::ListeningSocket> http_sockets = {};
  http::Server::Limits http_limits = {};
  /// The descriptors that the first program was started with.
  std::vector<int> inherited = {};
  /// Of a program that was here before, and whose names go on.
  std::optional<keeper::Handover> handover = {};
  /// That program has ended: the service manager has restarted us.
  bool is_restart = false;
  /// Null: there is no keeper.
  std::unique_ptr<Survival> survival = {};
};

/// Sets the log up and listens; an error if that cannot be.
base::Result<Foreground> prepare(const options::Serve& serve);
/// The log of a server that follows another.
void set_up_log_again(const options::Serve& serve);

/// Whether to go on.
using OnListening = std::function<bool(EpmdDaemon&)>;
inline constexpr int failed_to_start = -1;

/// Runs it until it is asked to end, and returns the signal that did, 0 if it was none, or
/// failed_to_start: then the log says why, or whoever was told that it listens has had enough.
int run_in_foreground(event::Loop& loop, Foreground foreground,
                      const OnListening& on_listening = nullptr);

}  // namespace service
