#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "app.h"
#include "commands/ask.h"
#include "commands/commands.h"
#include "commands/serve_lookout.h"
#include "net/listening.h"
#include "net/systemd.h"
#include "output/event_log.h"

namespace commands {
namespace {

using base::Result;
using Sockets = std::vector<net::ListeningSocket>;

std::string describe(const net::ListenFault& fault) {
  const std::string where = fault.address.to_string();
  if (fault.is_in_use())
    return fmt::format(
        "cannot listen on {}: the port is in use, perhaps by another EPMD "
        "(`portolan names` asks it); end that one, or choose another --port",
        where);
  const bool is_privileged = fault.error_number == EACCES;
  const char* const advice = is_privileged ? "; a port below 1024 needs privileges"
                                           : "; is it an address of this host? (--address)";
  return fmt::format("cannot listen on {}: {}{}", where, std::strerror(fault.error_number), advice);
}

Result<Sockets> listen_as_asked(const options::Serve& serve) {
  Result<Sockets> inherited = net::inherited_sockets();
  if (!inherited || !inherited->empty()) return inherited;
  const auto plan = net::plan_listening(serve.address, serve.port);
  if (!plan) return plan.error();
  net::Listening listening = net::listen_on(*plan);
  if (listening.fault) return base::Error{describe(*listening.fault)};
  for (const net::ListenFault& skipped : listening.skipped)
    spdlog::warn("not listening on {}: {}; nodes that use it will not find this EPMD",
                 skipped.address.to_string(), std::strerror(skipped.error_number));
  if (listening.sockets.empty()) return base::Error{"there is no address to listen on"};
  return std::move(listening.sockets);
}

/// Who was given sockets listens where they do, whatever --port says.
uint16_t port_of(const Sockets& sockets, const options::Serve& serve) {
  const uint16_t port = sockets.front().address.port();
  return port != 0 ? port : serve.port;
}

App::Settings settings_of(const options::Serve& serve, const Sockets& sockets) {
  App::Settings settings;
  settings.epmd_port_no = port_of(sockets, serve);
  settings.relaxed_command_check = serve.relaxed_command_check;
  settings.policy.allowed = serve.allowed;
  settings.policy.limits.packet_timeout = serve.packet_timeout;
  const size_t descriptors = net::raise_descriptor_limit();
  settings.policy.limits.connections_max =
      std::min(serve.connections_max.value_or(descriptors), descriptors);
  return settings;
}

std::string places_of(const Sockets& sockets) {
  std::string where;
  for (const net::ListeningSocket& socket : sockets)
    where += (where.empty() ? "" : ", ") + socket.address.to_string();
  return where;
}

}  // namespace

int serve(const options::Serve& serve) {
  set_up_log({serve.log.level, serve.log.format});
  Result<Sockets> sockets = listen_as_asked(serve);
  if (!sockets) return fail("serve", sockets.error().message);
  const App::Settings settings = settings_of(serve, *sockets);
  const std::string where = places_of(*sockets);
  net::Loop loop;
  output::EventLog log(loop);
  App app(loop, log, settings, std::move(*sockets));
  const ServeLookout lookout(loop, app, serve);
  if (!lookout.is_well()) return 1;
  // Told when every signal is heard: whoever waits for this line may send SIGHUP at once.
  spdlog::info("listening on {}, for up to {} connections", where,
               settings.policy.limits.connections_max);
  net::notify_service_manager("READY=1\nSTATUS=Processing port mapping requests...");
  const int signal_number = app.run();
  net::notify_service_manager("STOPPING=1");
  log.end();
  if (signal_number)
    spdlog::info("ended by signal {} ({})", signal_number, strsignal(signal_number));
  return 0;
}

}  // namespace commands

int run_command(const options::Command& command) {
  struct Run {
    int operator()(const options::Exit& exit) const { return exit.status; }
    int operator()(const options::Serve& serve) const { return commands::serve(serve); }
    int operator()(const options::Discover& discover) const { return commands::discover(discover); }
    int operator()(const options::Wait& wait) const { return commands::wait(wait); }
    int operator()(const options::Names& names) const { return commands::names(names); }
    int operator()(const options::Lookup& lookup) const { return commands::lookup(lookup); }
    int operator()(const options::Stop& stop) const { return commands::stop(stop); }
    int operator()(const options::Kill& kill) const { return commands::kill(kill); }
  };
  return std::visit(Run{}, command);
}
