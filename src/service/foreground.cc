#include "service/foreground.h"

#include <fmt/core.h>
#include <sys/prctl.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "keeper/shared_memory.h"
#include "keeper/signals.h"
#include "keeper/survey.h"
#include "logging/catch_up.h"
#include "logging/event_log.h"
#include "logging/log.h"
#include "net/listening.h"
#include "net/port_holder.h"
#include "process/memory.h"
#include "service/discovery_reloader.h"
#include "service/http_service.h"
#include "service/survival_log.h"

namespace service {
namespace {

using base::Result;
using Sockets = std::vector<net::ListeningSocket>;

/// The options that say where to listen: one for the port, one for the address.
struct Option {
  const char* name = "";
  const char* of_address = "";
};

std::string describe(const net::ListenFault& fault, const Option& option) {
  const std::string where = fault.address.to_string();
  if (fault.is_in_use()) {
    const std::string holder = net::port_holder(fault.address.port());
    if (holder.ends_with(fmt::format("(process {})", getpid())))
      return fmt::format(
          "cannot listen on {}: this daemon listens there already; choose another {}", where,
          option.name);
    return fmt::format(
        "cannot listen on {}: the port is in use by {}; end that one, or choose another {}", where,
        holder.empty() ? "another EPMD, perhaps (`portolan names` asks it)" : holder, option.name);
  }
  const bool is_privileged = fault.error_number == EACCES;
  const std::string advice =
      is_privileged ? "a port below 1024 needs privileges"
                    : fmt::format("is it an address of this host? ({})", option.of_address);
  return fmt::format("cannot listen on {}: {}; {}", where, std::strerror(fault.error_number),
                     advice);
}

Result<Sockets> listen_as_asked(const options::Serve& serve, Sockets& handed) {
  Result<Sockets> inherited = net::inherited_sockets();
  if (!inherited || !inherited->empty()) return inherited;
  const auto plan = net::plan_listening(serve.address, serve.port);
  if (!plan) return plan.error();
  net::Listening listening = net::listen_on(*plan, handed);
  if (listening.fault) return base::Error{describe(*listening.fault, {"--port", "--address"})};
  for (const net::ListenFault& skipped : listening.skipped)
    logging::warn("not_listening",
                  "not listening on {}: {}; nodes that use it will not find this EPMD",
                  logging::field("address", skipped.address.to_string()),
                  logging::field("reason", std::strerror(skipped.error_number)));
  if (listening.sockets.empty()) return base::Error{"there is no address to listen on"};
  return std::move(listening.sockets);
}

/// Nowhere but there.
Result<Sockets> listen_for_http(const options::Serve& serve, Sockets& handed) {
  Sockets sockets;
  for (const net::ListenAddress& address : serve.http) {  // each at its own port
    net::Listening listening = net::listen_on({address}, handed);
    if (!listening.skipped.empty() && address.is_implicit) continue;
    if (!listening.skipped.empty()) listening.fault = listening.skipped.front();
    if (listening.fault) return base::Error{describe(*listening.fault, {"--http", "--http"})};
    sockets.push_back(std::move(listening.sockets.front()));
  }
  return sockets;
}

/// Who was given sockets listens where they do, whatever --port says.
uint16_t port_of(const Sockets& sockets, const options::Serve& serve) {
  const uint16_t port = sockets.front().address.port();
  return port != 0 ? port : serve.port;
}

/// HTTP and EPMD have connections of their own, for neither shall take the other's descriptors.
http::Server::Limits http_limits_of(const options::Serve& serve, size_t descriptors) {
  http::Server::Limits limits;
  const size_t most = serve.http.empty() ? 0 : limits.connections_max;
  limits.connections_max = std::min(most, descriptors / 2);
  limits.streams_max = std::min(limits.streams_max, limits.connections_max / 4);
  return limits;
}

EpmdDaemon::Settings settings_of(const options::Serve& serve, const Sockets& sockets,
                                 size_t descriptors) {
  EpmdDaemon::Settings settings;
  settings.epmd_port_no = port_of(sockets, serve);
  settings.relaxed_command_check = serve.relaxed_command_check;
  settings.policy.allowed = serve.allowed;
  settings.policy.limits.packet_timeout = serve.packet_timeout;
  settings.policy.limits.connections_max =
      std::min(serve.connections_max.value_or(descriptors), descriptors);
  settings.fit_into(process::memory_left());
  return settings;
}

std::string places_of(const Sockets& sockets) {
  std::string where;
  for (const net::ListeningSocket& socket : sockets)
    where += (where.empty() ? "" : ", ") + socket.address.to_string();
  return where;
}

base::Result<base::Done> set_up_log(const options::Serve& serve) {
  logging::set_up({serve.log.level, serve.log.format});
  return serve.log.file.empty() ? base::Done{} : logging::write_to(serve.log.file);
}

web::SurvivalCounts counts_of(const keeper::Totals& totals) {
  return {totals.restarts, totals.names_kept, totals.names_lost};
}

/// What we hold of the cookie is in no core dump, and no other process of our user can read it.
void keep_memory_private() { prctl(PR_SET_DUMPABLE, 0); }

}  // namespace

void set_up_log_again(const options::Serve& serve) {
  if (const auto set_up = set_up_log(serve); !set_up)
    logging::error("log_file_failed", "{}; the log goes to standard error",
                   logging::field("reason", set_up.error().message));
}

base::Result<Foreground> prepare(const options::Serve& serve) {
  Result<Begun> begun = begin();
  if (!begun) return begun.error();
  if (const auto set_up = set_up_log(serve); !set_up) return set_up.error();
  for (const std::string& warning : serve.warnings) logging::warn("option_in_vain", "{}", warning);
  if (serve.push != options::Push::none || serve.looks_at_mesh) keep_memory_private();
  Result<Sockets> sockets = listen_as_asked(serve, begun->handed);
  if (!sockets) return sockets.error();
  Result<Sockets> http_sockets = listen_for_http(serve, begun->handed);
  if (!http_sockets) return http_sockets.error();
  const size_t descriptors = server::raise_descriptor_limit();
  const http::Server::Limits http_limits = http_limits_of(serve, descriptors);
  const EpmdDaemon::Settings settings =
      settings_of(serve, *sockets, descriptors - http_limits.connections_max);
  options::Serve actual = serve;
  actual.port = port_of(*sockets, serve);
  return Foreground{
      std::move(actual),           settings,
      places_of(*sockets),         std::move(*sockets),
      std::move(*http_sockets),    http_limits,
      std::move(begun->inherited), std::move(begun->handover),
      begun->is_restart,
  };
}

int run_in_foreground(event::Loop& loop, Foreground foreground, const OnListening& on_listening) {
  const logging::CatchUp log_catch_up(loop);
  logging::EventLog log(loop);
  Telemetry telemetry(log);
  const bool is_seen = !foreground.http_sockets.empty();
  epmd::EventSink& event_sink = is_seen ? static_cast<epmd::EventSink&>(telemetry.store) : log;
  Survival* const survival = foreground.survival.get();
  keeper::Journal* const journal = survival ? survival->journal.get() : nullptr;
  EpmdDaemon daemon(loop, event_sink, foreground.settings, std::move(foreground.sockets), journal);
  if (survival) daemon.recover(survival->survivors);
  if (journal) telemetry.survival = counts_of(journal->state().totals);
  telemetry.store.take_crashes({telemetry.survival.restarts, telemetry.survival.names_lost});
  const DiscoveryReloader reloader(loop, daemon, foreground.serve, telemetry,
                                   survival ? survival->notes.get() : nullptr);
  if (!reloader.is_well()) return failed_to_start;
  const std::string http_where = places_of(foreground.http_sockets);
  std::optional<HttpService> web;
  if (is_seen)
    web.emplace(loop, daemon, foreground.serve, log, telemetry, foreground.http_limits,
                std::move(foreground.http_sockets));
  std::optional<keeper::Signals> signals;
  if (survival) signals.emplace(loop, survival->life, tell_refusal);
  if (survival) tell_of(*survival);
  // Told when every signal is heard: whoever waits for this line may send SIGHUP at once.
  logging::info(
      "listening", "listening on {}, for up to {} connections",
      logging::field("address", foreground.where),
      logging::field("connections_max", foreground.settings.policy.limits.connections_max));
  if (is_seen)
    logging::info("serving_http", "serving HTTP on {}", logging::field("address", http_where));
  if (on_listening && !on_listening(daemon)) return failed_to_start;
  if (survival) answer_requester(*survival);
  tell_service_manager(survival, "READY=1\nSTATUS=Processing port mapping requests...");
  std::optional<event::Signal> keeper_died;
  if (survival) keeper_died.emplace(loop, keeper::keeper_died(), [&] { daemon.end(SIGTERM); });
  const int signal_number = daemon.run();
  loop.run_ready();  // what has come in by now is seen to
  if (signal_number == SIGTERM) store_names(survival);
  tell_service_manager(survival, "STOPPING=1");
  log.end();
  return signal_number;
}

}  // namespace service
