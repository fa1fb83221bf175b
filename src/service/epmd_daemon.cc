#include "service/epmd_daemon.h"

#include <algorithm>
#include <csignal>
#include <utility>

#include "process/memory.h"

namespace service {

namespace {

/// The low bits of the time in microseconds: no name can be registered twice in one, nor a daemon
/// restarted, so no creation comes back before they wrap around (docs/PROTOCOL.md, W9).
uint32_t fresh_creation() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<uint32_t>(std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

}  // namespace

void EpmdDaemon::Settings::fit_into(std::optional<size_t> memory_left) {
  if (!memory_left) return;
  const auto bound = [&](size_t& bytes, size_t part) {
    bytes = std::min(bytes, *memory_left / part);
  };
  bound(registrations_bytes_max, 4);
  bound(texts_bytes_max, 4);
  bound(policy.limits.bytes_waiting_max, 8);
  bound(reserve_bytes, 16);
}

EpmdDaemon::EpmdDaemon(event::Loop& loop, epmd::EventSink& event_sink, const Settings& settings,
                       std::vector<net::ListeningSocket> sockets)
    : loop_(loop),
      notifier_(event_sink),
      registry_(notifier_, fresh_creation, settings.history_length,
                {server::registrations_of(settings.policy.limits.connections_max),
                 settings.registrations_bytes_max}),
      listing_(registry_, settings.epmd_port_no, settings.texts_bytes_max),
      service_{registry_, listing_, event_sink, settings.relaxed_command_check,
               settings.delay_write},
      server_(loop, service_, settings.policy, std::move(sockets), [this] { ask_to_end(0); }),
      on_terminate_(loop, SIGTERM, [this] { ask_to_end(SIGTERM); }),
      on_interrupt_(loop, SIGINT, [this] { ask_to_end(SIGINT); }) {
  process::MemoryReserve::keep(settings.reserve_bytes);
  std::signal(SIGPIPE, SIG_IGN);  // NOLINT: returns what nobody needs
}

void EpmdDaemon::NameChangeNotifier::record(const epmd::Event& event) {
  next.record(event);
  const bool is_change =
      event.kind == epmd::EventKind::registered || event.kind == epmd::EventKind::unregistered;
  if (is_change && call_back) call_back();
}

int EpmdDaemon::run() {
  loop_.run();
  return ending_signal_;
}

void EpmdDaemon::ask_to_end(int signal_number) {
  if (const auto on_ending = std::exchange(on_ending_, nullptr)) on_ending();
  if (on_asked_to_end_) return on_asked_to_end_(signal_number);
  end(signal_number);
}

void EpmdDaemon::end(int signal_number) {
  ending_signal_ = signal_number;
  loop_.stop();
}

}  // namespace service
