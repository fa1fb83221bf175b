#include "service/survival.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "event/descriptor.h"
#include "keeper/byte_counts.h"
#include "keeper/control.h"
#include "keeper/crash_limit.h"
#include "keeper/survey.h"
#include "logging/log.h"
#include "net/systemd.h"
#include "service/foreground.h"

namespace service {
namespace {

void take_over(Survival& survival, const Foreground& foreground) {
  keeper::Journal& journal = *survival.journal;
  keeper::Totals& totals = journal.state().totals;
  if (survival.life.follows == keeper::Follows::crashed_server) ++totals.restarts;
  if (survival.life.lets_go) {
    keeper::let_go(survival.life.kept);
    survival.survivors.names_lost = journal.clear();
  } else {
    std::vector<int> kept = survival.life.kept;
    kept.push_back(survival.life.requester);
    survival.survivors = keeper::take_over(journal, kept, foreground.sockets);
  }
  totals.names_kept += survival.survivors.names.size();
  totals.names_lost += survival.survivors.names_lost;
}

std::vector<int> kept_of(const Foreground& foreground) {
  std::vector<int> kept = foreground.inherited;
  for (const auto* const sockets : {&foreground.sockets, &foreground.http_sockets})
    for (const net::ListeningSocket& socket : *sockets) kept.push_back(socket.descriptor.get());
  return kept;
}

void tell_restart(const Survival& survival) {
  const keeper::Survivors& survivors = survival.survivors;
  const int signal_number = survival.life.last_signal;
  logging::warn(
      "server_restarted",
      "the server died of signal {} ({}), and the next one goes on; names kept: {}, ended "
      "meanwhile: {}, lost: {}",
      logging::field("signal", signal_number), strsignal(signal_number),
      logging::field("names_kept", survivors.names.size()),
      logging::field("names_ended", survivors.names_ended),
      logging::field("names_lost", survivors.names_lost));
}

void tell_upgrade(const keeper::Survivors& survivors) {
  logging::info("upgraded",
                "this program ({}) goes on in the place of another; names kept: {}, ended "
                "meanwhile: {}, lost: {}",
                logging::field("version", PORTOLAN_VERSION),
                logging::field("names_kept", survivors.names.size()),
                logging::field("names_ended", survivors.names_ended),
                logging::field("names_lost", survivors.names_lost));
}

/// Says why a crash ends all names.
void tell_no_name_is_kept(const base::Error& error) {
  logging::warn("names_not_kept", "a crash of the daemon will end all names: {}",
                logging::field("reason", error.message));
}

/// An error says why it can keep no name.
base::Result<keeper::Keeper> keeper_for(const Foreground& foreground,
                                        const std::vector<int>& signals) {
  const int socket = foreground.sockets.front().descriptor.get();
  if (!keeper::byte_counts(socket) || keeper::cookie_of(socket) == 0)
    return base::Error{"the kernel says too little of a socket (SO_COOKIE, TCP_INFO)"};
  keeper::Beginning beginning = {kept_of(foreground), foreground.inherited};
  beginning.signals.insert(beginning.signals.end(), signals.begin(), signals.end());
  beginning.handover = foreground.handover;
  return keeper::Keeper::create(std::move(beginning));
}

/// Where there is no keeper to go on with what another program has left.
void let_go(const Foreground& foreground) {
  if (!foreground.handover) return;
  const int asker = foreground.handover->requester;
  keeper::answer(asker, keeper::Outcome::done, "this program keeps no names: all are lost");
  keeper::let_go(kept_of(foreground));
}

/// In a server, before anything is opened: takes what a dead server has left, and sets the log up
/// again.
std::unique_ptr<Survival> begin_life(const keeper::Life& life, const Foreground& foreground) {
  const bool is_first = life.follows == keeper::Follows::nothing;
  auto survival = std::make_unique<Survival>(Survival{life});
  if (!is_first) logging::abandon();
  auto memory = keeper::SharedMemory::map(life.memory);
  if (memory) {
    survival->memory = std::move(*memory);
    survival->journal = std::make_unique<keeper::Journal>(*survival->memory);
    if (!is_first) take_over(*survival, foreground);
  } else if (!is_first) {
    keeper::let_go(life.kept);
  }
  if (!is_first) set_up_log_again(foreground.serve);
  if (!memory) tell_no_name_is_kept(memory.error());
  return survival;
}

}  // namespace

int run_with_keeper(Foreground& foreground, const std::function<int()>& server,
                    const std::vector<int>& signals) {
  if (foreground.serve.keeps_names) {
    auto keeper = keeper_for(foreground, signals);
    const base::Result<int> status = !keeper ? keeper.error() : keeper->run([&](const auto& life) {
      foreground.survival = begin_life(life, foreground);
      return server();
    });
    if (status) return *status;
    tell_no_name_is_kept(status.error());
  }
  let_go(foreground);
  return server();
}

process::CommandRecord* command_record(const Foreground& foreground) {
  const Survival* const survival = foreground.survival.get();
  return survival && survival->journal ? &survival->journal->state().command : nullptr;
}

pid_t main_process(const Foreground& foreground) {
  return foreground.survival ? foreground.survival->life.keeper : getpid();
}

void tell_of(const Survival& survival) {
  if (survival.life.follows == keeper::Follows::nothing) return;
  if (survival.life.follows == keeper::Follows::replaced_program)
    return tell_upgrade(survival.survivors);
  if (survival.life.lets_go)
    logging::error("names_let_go",
                   "the server has crashed {} times in {} s, and begins without its names: {} lost",
                   keeper::CrashLimit::crashes_max, keeper::CrashLimit::within.count() / 1000,
                   logging::field("names_lost", survival.survivors.names_lost));
  tell_restart(survival);
}

void tell_refusal(const char* reason) {
  logging::error("upgrade_refused", "the upgrade was refused, and this program goes on: {}",
                 logging::field("reason", reason));
}

void answer_requester(Survival& survival) {
  const keeper::Survivors& survivors = survival.survivors;
  const event::Descriptor asker(std::exchange(survival.life.requester, -1));
  keeper::answer(asker.get(), keeper::Outcome::done,
                 fmt::format("portolan {} goes on; names kept: {}, ended meanwhile: {}, lost: {}",
                             PORTOLAN_VERSION, survivors.names.size(), survivors.names_ended,
                             survivors.names_lost));
}

void tell_service_manager(const Survival* survival, std::string_view state) {
  if (survival)
    keeper::tell_service_manager(survival->life, state);
  else
    net::notify_service_manager(state);
}

}  // namespace service
