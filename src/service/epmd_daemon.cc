#include "service/epmd_daemon.h"

#include <algorithm>
#include <csignal>
#include <utility>

#include "epmd/alive_name.h"
#include "keeper/survey.h"
#include "logging/log.h"
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
                       std::vector<net::ListeningSocket> sockets, keeper::Journal* journal)
    : loop_(loop),
      journal_(journal),
      notifier_(event_sink, journal),
      registry_(notifier_, fresh_creation, settings.history_length,
                {server::registrations_of(settings.policy.limits.connections_max),
                 settings.registrations_bytes_max}),
      listing_(registry_, settings.epmd_port_no, settings.texts_bytes_max),
      service_{registry_,
               listing_,
               event_sink,
               settings.relaxed_command_check,
               settings.delay_write,
               journal ? &journal->state().request : nullptr},
      server_(loop, service_, settings.policy, std::move(sockets), [this] { ask_to_end(0); }),
      on_terminate_(loop, SIGTERM, [this] { ask_to_end(SIGTERM); }),
      on_interrupt_(loop, SIGINT, [this] { ask_to_end(SIGINT); }) {
  process::MemoryReserve::keep(settings.reserve_bytes);
  std::signal(SIGPIPE, SIG_IGN);  // NOLINT: returns what nobody needs
}

void EpmdDaemon::NameChangeNotifier::record(const epmd::Event& event) {
  next.record(event);
  if (journal) write_down(event);
  const bool is_change =
      event.kind == epmd::EventKind::registered || event.kind == epmd::EventKind::unregistered;
  if (is_change && call_back) call_back();
}

void EpmdDaemon::on_news(const std::function<void(const std::string& ip)>& call_back) {
  service_.on_news = nullptr;
  if (!call_back) return;
  service_.on_news = [call_back](int descriptor) {
    if (const auto peer = net::Address::of_peer(descriptor)) call_back(peer->host());
  };
}

void EpmdDaemon::NameChangeNotifier::write_down(const epmd::Event& event) {
  if (event.kind == epmd::EventKind::unregistered) journal->unregistered(event.descriptor);
  if (event.kind != epmd::EventKind::registered) return;
  const auto creation = static_cast<uint32_t>(event.number);
  const uint64_t cookie = keeper::cookie_of(event.descriptor);
  if (journal->registered(event.descriptor, cookie, creation, *event.node)) return;
  if (std::exchange(has_told_full, true)) return;
  logging::warn("name_not_kept",
                "there is no memory to keep {} and perhaps further names: a crash of the daemon "
                "will end them",
                logging::field("name", epmd::escape_name(event.text)));
}

void EpmdDaemon::recover(const keeper::Survivors& survivors) {
  if (!journal_) return;
  epmd::RequestSlot& slot = journal_->state().request;
  if (survivors.repeated >= 0) ++slot.repeats;
  server_.recover(survivors, {slot.bytes.data(), survivors.bytes_repeated});
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
