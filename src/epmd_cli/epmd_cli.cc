#include "epmd_cli/epmd_cli.h"

#include <fmt/core.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <utility>

#include "epmd_cli/queries.h"
#include "logging/lossy_lines.h"
#include "logging/reference_log.h"
#include "logging/system_log.h"
#include "net/listening.h"
#include "net/systemd.h"
#include "options/epmd_words.h"
#include "process/daemonize.h"
#include "process/memory.h"
#include "service/epmd_daemon.h"

namespace epmd_cli {

namespace {

using logging::ReferenceLog;
using Sockets = std::vector<net::ListeningSocket>;
using Step = net::ListenFault::Step;

/// The reference ends its lines with CR and LF, and has no milliseconds.
std::string line_of(const std::string& text) {
  const std::time_t now = std::time(nullptr);
  std::array<char, 32> when = {};
  ctime_r(&now, when.data());
  when[std::strcspn(when.data(), "\n")] = '\0';
  return fmt::format("epmd: {}: {}\r\n", when.data(), text);
}

/// Neither standard error nor the system's log is ever waited for.
void write_to_stderr(const std::string& text) {
  static logging::LossyLines lines(STDERR_FILENO, [](uint64_t lost, const std::string& why) {
    return line_of(fmt::format("{} log lines were lost: {}", lost, why));
  });
  lines.write(text);
}

void write_line_to_stderr(const std::string& text) { write_to_stderr(line_of(text)); }

void write_line_to_syslog(const std::string& text) {
  static logging::SystemLog log("epmd", LOG_USER | LOG_ERR);
  log.write("epmd: " + text);
}

ReferenceLog::Sinks sinks_for(const options::EpmdWords& words) {
  if (!words.is_daemon) return {write_line_to_stderr, write_line_to_stderr, write_to_stderr, true};
  const auto nowhere = [](const std::string&) {};
  return {write_line_to_syslog, nowhere, nowhere, false};
}

/// One run of the daemon with the reference's words for all that may happen to it.
class Epmd {
 public:
  explicit Epmd(const options::EpmdWords& words) : words_(words), sinks_(sinks_for(words)) {}

  /// Returns the exit status, or does not, if a signal asked it to end.
  int run(event::Descriptor ready);

 private:
  struct Attempt {
    Sockets sockets = {};
    int status = 0;  // to exit with, when there are no sockets
  };

  Attempt listen();
  Attempt listen_on_addresses();
  Attempt take_from_systemd();
  Attempt explain(const net::ListenFault& fault);
  std::string describe(const net::ListenFault& fault) const;
  std::string with_reason(const std::string& line, int error_number) const;
  service::EpmdDaemon::Settings settings() const;
  void say(int level, const std::string& line) const;
  void notify(const std::string& state) const;

  options::EpmdWords words_;
  ReferenceLog::Sinks sinks_;
};

void Epmd::say(int level, const std::string& line) const {
  if (words_.debug_level >= level) sinks_.line(line);
}

void Epmd::notify(const std::string& state) const {
  if (words_.is_systemd) net::notify_service_manager(state);
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
  net::Listening listening = net::listen_on(*plan);
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

int Epmd::run(event::Descriptor ready) {
  Attempt attempt = listen();
  if (attempt.sockets.empty()) return attempt.status;
  event::Loop loop;
  ReferenceLog log(loop, words_.debug_level, sinks_);
  service::EpmdDaemon daemon(loop, log, settings(), std::move(attempt.sockets));
  log.watch(daemon.registry());
  if (words_.debug_level > 1) sinks_.terminal_line("entering the main select() loop");
  notify(fmt::format("READY=1\nSTATUS=Processing port mapping requests...\nMAINPID={}", getpid()));
  ready = event::Descriptor();
  const int signal_number = daemon.run();
  log.end();
  notify("STATUS=Exited.\nERRNO=0");
  return signal_number == 0 ? 0 : 128 + signal_number;
}

/// The reference leaves signals at their defaults, so whoever waits for it sees it die of one.
/// The first process of a container cannot; it exits as shells tell of such deaths.
int end_as_signalled(int status) {
  constexpr int signalled = 128;
  if (status <= signalled) return status;
  std::signal(status - signalled, SIG_DFL);  // NOLINT: returns what nobody needs
  std::raise(status - signalled);            // NOLINT
  return status;
}

int serve(const options::EpmdWords& words) {
  event::Descriptor ready;
  if (words.is_daemon) {
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

int run_epmd_face(const std::vector<std::string>& arguments) {
  const options::EpmdWords words = options::parse_epmd_words(arguments);
  switch (words.action) {
    case options::EpmdWords::Action::serve: return serve(words);
    case options::EpmdWords::Action::usage: std::fputs(options::epmd_usage, stderr); return 1;
    default: return run_epmd_query(words);
  }
}

}  // namespace epmd_cli
