#include "epmd_cli/epmd_cli.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "epmd_cli/queries.h"
#include "epmd_cli/sinks.h"
#include "keeper/signals.h"
#include "logging/reference_log.h"
#include "net/listening.h"
#include "options/epmd_words.h"
#include "process/daemonize.h"
#include "process/memory.h"
#include "service/epmd_daemon.h"
#include "service/survival.h"
#include "service/survival_log.h"

namespace epmd_cli {

namespace {

using logging::ReferenceLog;
using Sockets = std::vector<net::ListeningSocket>;
using Step = net::ListenFault::Step;

/// One run of the daemon with the reference's words for all that may happen to it.
class Epmd {
 public:
  explicit Epmd(const options::EpmdWords& words) : words_(words), sinks_(sinks_for(words)) {}

  /// Returns the exit status, or 128 and the number of the signal that asked it to end; with a
  /// keeper twice or more, as Keeper::run() does.
  int run(event::Descriptor ready);
  /// All that comes before it serves: 0, or the exit status.
  int try_out();

 private:
  struct Started {
    service::EpmdDaemon::Settings settings = {};
    Sockets sockets = {};
    event::Descriptor ready = {};
  };
  struct Attempt {
    Sockets sockets = {};
    int status = 0;  // to exit with, when there are no sockets
  };

  Attempt begin();
  Attempt listen();
  Attempt listen_on_addresses();
  Attempt take_from_systemd();
  Attempt explain(const net::ListenFault& fault);
  std::string describe(const net::ListenFault& fault) const;
  std::string with_reason(const std::string& line, int error_number) const;
  service::EpmdDaemon::Settings settings() const;
  void say(int level, const std::string& line) const;
  service::Keeping keeping(const Sockets& sockets) const;
  int serve(Started started, std::unique_ptr<service::Survival> survival);
  void tell_of(const service::Survival& survival) const;
  void notify(const service::Survival* survival, const std::string& state) const;

  options::EpmdWords words_;
  ReferenceLog::Sinks sinks_;
  service::Begun begun_ = {};
};

void Epmd::say(int level, const std::string& line) const {
  if (words_.debug_level >= level) sinks_.line(line);
}

void Epmd::notify(const service::Survival* survival, const std::string& state) const {
  if (words_.is_systemd) service::tell_service_manager(survival, state);
}

std::string Epmd::describe(const net::ListenFault& fault) const {
  if (fault.step == Step::socket)
    return with_reason("error opening stream socket", fault.error_number);
  const char* const tried = fault.step == Step::bind ? "bind" : "listen";
  return with_reason(fmt::format("failed to {} on ipaddr {}", tried, fault.address.host()),
                     fault.error_number);
}

std::string Epmd::with_reason(const std::string& line, int error_number) const {
  if (error_number == 0 || !sinks_.shows_reasons) return line;
  return fmt::format("{}: {}", line, std::strerror(error_number));
}

Epmd::Attempt Epmd::explain(const net::ListenFault& fault) {
  if (!fault.is_in_use()) {
    sinks_.line(describe(fault));
    return {{}, 1};
  }
  // Whoever holds the port, the reference takes it for an epmd, and its own start for a success.
  if (words_.debug_level > 0)
    sinks_.terminal_line(fmt::format("there is already a epmd running at port {} on ipaddr {}",
                                     words_.port, fault.address.host()));
  return {{}, 0};
}

Epmd::Attempt Epmd::listen_on_addresses() {
  const auto plan = net::plan_listening(words_.address, static_cast<uint16_t>(words_.port));
  if (!plan) {
    sinks_.terminal_line(plan.error().message);
    return {{}, 1};
  }
  net::Listening listening = net::listen_on(*plan, begun_.handed);
  for (const net::ListenFault& skipped : listening.skipped)
    if (skipped.step != Step::socket) sinks_.line(describe(skipped));
  if (listening.fault) return explain(*listening.fault);
  if (listening.sockets.empty()) sinks_.line("unable to bind any address");
  return {std::move(listening.sockets), 1};
}

Epmd::Attempt Epmd::take_from_systemd() {
  say(2, "try to obtain sockets from systemd");
  errno = 0;  // stays so unless a socket is missing: a wrong variable is no system's error
  base::Result<Sockets> sockets = net::inherited_sockets();
  const int error_number = errno;
  constexpr size_t sockets_max = 16;
  if (!sockets)
    sinks_.line(with_reason("cannot obtain sockets from systemd", error_number));
  else if (sockets->empty())
    sinks_.line("systemd provides no sockets");
  else if (sockets->size() > sockets_max)
    sinks_.terminal_line("cannot listen on more than 16 IP addresses");
  else
    return {std::move(*sockets), 0};
  return {{}, 1};
}

Epmd::Attempt Epmd::listen() {
  say(1, fmt::format("epmd running - daemon = {}", words_.is_daemon ? 1 : 0));
  if (words_.is_systemd) return take_from_systemd();
  say(2, fmt::format("try to initiate listening port {}", words_.port));
  return listen_on_addresses();
}

service::EpmdDaemon::Settings Epmd::settings() const {
  service::EpmdDaemon::Settings settings;
  settings.epmd_port_no = static_cast<uint32_t>(words_.port);
  settings.relaxed_command_check = words_.relaxed_command_check;
  if (words_.debug_level > 0) settings.history_length = epmd::Registry::history_length_debug;
  settings.delay_write = std::max(words_.delay_write, std::chrono::seconds(0));
  settings.policy.delay_accept = std::max(words_.delay_accept, std::chrono::seconds(0));
  settings.policy.limits.packet_timeout = std::max(words_.packet_timeout, std::chrono::seconds(1));
  settings.policy.limits.connections_max = server::raise_descriptor_limit();
  settings.fit_into(process::memory_left());
  return settings;
}

Epmd::Attempt Epmd::begin() {
  auto begun = service::begin();
  if (!begun) {
    sinks_.line(begun.error().message);
    return {{}, 1};
  }
  begun_ = std::move(*begun);
  return listen();
}

int Epmd::try_out() {
  const Attempt attempt = begin();
  return attempt.sockets.empty() ? std::max(attempt.status, 1) : 0;
}

/// SIGHUP is not among them: the reference ends of it, or ignores it.
service::Keeping Epmd::keeping(const Sockets& sockets) const {
  service::Keeping keeping = {words_.keeps_names, sockets,         begun_.inherited,
                              begun_.inherited,   begun_.handover, {SIGTERM, SIGINT}};
  for (const net::ListeningSocket& socket : sockets)
    keeping.kept.push_back(socket.descriptor.get());
  keeping.is_restart = begun_.is_restart;
  keeping.has_store = words_.is_systemd;
  keeping.abandon_log = abandon_outputs;
  keeping.renew_log = [] {};
  keeping.tell_not_kept = [this](const base::Error& error) {
    say(1, "a crash of the daemon will end all names: " + error.message);
  };
  return keeping;
}

void Epmd::tell_of(const service::Survival& survival) const {
  if (const std::string summary = service::summary_of(survival); !summary.empty())
    sinks_.line(summary);
}

int Epmd::run(event::Descriptor ready) {
  Attempt attempt = begin();
  if (attempt.sockets.empty()) return attempt.status;
  std::erase(begun_.inherited, ready.get());  // closed soon: then the number is a client's
  Started started = {settings(), std::move(attempt.sockets), std::move(ready)};
  return service::run_with_keeper(keeping(started.sockets), [&](auto survival) {
    return serve(std::move(started), std::move(survival));
  });
}

int Epmd::serve(Started started, std::unique_ptr<service::Survival> survival) {
  event::Loop loop;
  ReferenceLog log(loop, words_.debug_level, sinks_);
  keeper::Journal* const journal = survival ? survival->journal.get() : nullptr;
  service::EpmdDaemon daemon(loop, log, started.settings, std::move(started.sockets), journal);
  log.watch(daemon.registry());
  std::optional<keeper::Signals> signals;
  if (survival) {
    daemon.recover(survival->survivors);
    signals.emplace(loop, survival->life, [this](const char* reason) {
      sinks_.line(fmt::format("the upgrade was refused, and this program goes on: {}", reason));
    });
    tell_of(*survival);
    service::answer_requester(*survival);
    // The first server has told that it is ready, and the number is another's by now.
    if (survival->life.follows != keeper::Follows::nothing) started.ready.release();
  }
  if (words_.debug_level > 1) sinks_.terminal_line("entering the main select() loop");
  notify(survival.get(), fmt::format("READY=1\nSTATUS=Processing port mapping requests...\n"
                                     "MAINPID={}",
                                     service::main_process(survival.get())));
  started.ready = event::Descriptor();
  std::optional<event::Signal> keeper_died;
  if (survival) keeper_died.emplace(loop, keeper::keeper_died(), [&] { daemon.end(SIGTERM); });
  const int signal_number = daemon.run();
  if (signal_number == SIGTERM) service::store_names(survival.get());
  log.end();
  notify(survival.get(), "STATUS=Exited.\nERRNO=0");
  return signal_number == 0 ? 0 : 128 + signal_number;
}

/// The reference leaves signals at their defaults, so whoever waits for it sees it die of one.
/// The first process of a container cannot; it exits as shells tell of such deaths.
int end_as_signalled(int status) {
  constexpr int signalled = 128;
  if (status <= signalled) return status;
  const int number = status - signalled;
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, number);
  std::signal(number, SIG_DFL);  // NOLINT: returns what nobody needs
  std::raise(number);            // NOLINT
  sigprocmask(SIG_UNBLOCK, &only, nullptr);
  return status;
}

int serve(const options::EpmdWords& words) {
  event::Descriptor ready;
  // What goes on in the place of a daemon is one already.
  if (words.is_daemon && !std::getenv(keeper::handover_variable)) {
    const auto inherited =
        words.is_systemd ? process::InheritedSockets::keep : process::InheritedSockets::close;
    base::Result<process::Daemon> daemon = process::daemonize(inherited);
    if (!daemon) {
      write_line_to_syslog(daemon.error().message);
      return 1;
    }
    ready = std::move(daemon->ready);
  }
  return end_as_signalled(Epmd(words).run(std::move(ready)));
}

}  // namespace

int try_epmd_handover(const std::vector<std::string>& arguments) {
  const options::EpmdWords words = options::parse_epmd_words(arguments);
  if (words.action != options::EpmdWords::Action::serve) return 1;
  return Epmd(words).try_out();
}

int run_epmd_face(const std::vector<std::string>& arguments) {
  const options::EpmdWords words = options::parse_epmd_words(arguments);
  switch (words.action) {
    case options::EpmdWords::Action::serve: return serve(words);
    case options::EpmdWords::Action::usage: std::fputs(options::epmd_usage, stderr); return 1;
    default: return run_epmd_query(words);
  }
}

}  // namespace epmd_cli
