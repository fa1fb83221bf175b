#include "service/survival.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <set>
#include <utility>

#include "event/descriptor.h"
#include "keeper/byte_counts.h"
#include "keeper/control.h"
#include "keeper/state.h"
#include "keeper/store.h"
#include "keeper/survey.h"
#include "net/systemd.h"

namespace service {
namespace {

void take_over(Survival& survival, const Keeping& keeping) {
  keeper::Journal& journal = *survival.journal;
  keeper::Totals& totals = journal.state().totals;
  if (survival.life.follows == keeper::Follows::crashed_server) ++totals.restarts;
  if (survival.life.lets_go) {
    keeper::let_go(survival.life.kept);
    survival.survivors.names_lost = journal.clear();
    survival.notes->clear();
  } else {
    std::vector<int> kept = survival.life.kept;
    kept.push_back(survival.life.requester);
    survival.survivors = keeper::take_over(journal, kept, keeping.sockets);
  }
  totals.names_kept += survival.survivors.names.size();
  totals.names_lost += survival.survivors.names_lost;
}

/// An error says why it can keep no name.
base::Result<keeper::Keeper> keeper_for(const Keeping& keeping) {
  const int socket = keeping.sockets.front().descriptor.get();
  if (!keeper::byte_counts(socket) || keeper::cookie_of(socket) == 0)
    return base::Error{"the kernel says too little of a socket (SO_COOKIE, TCP_INFO)"};
  std::set<uint16_t> ports;
  for (const net::ListeningSocket& each : keeping.sockets) ports.insert(each.address.port());
  return keeper::Keeper::create({keeping.kept, keeping.inherited, keeping.signals, keeping.handover,
                                 keeping.is_restart, keeping.has_store, ports});
}

/// The keeper that was here before has blocked them.
void hear_signals_again(const Keeping& keeping) {
  sigset_t heard;
  sigemptyset(&heard);
  for (const int number : keeping.signals) sigaddset(&heard, number);
  sigaddset(&heard, SIGCHLD);
  sigprocmask(SIG_UNBLOCK, &heard, nullptr);
}

/// Where there is no keeper to go on with what another program has left.
void let_go(const Keeping& keeping) {
  if (!keeping.handover) return;
  hear_signals_again(keeping);
  const int asker = keeping.handover->requester;
  keeper::answer(asker, keeper::Outcome::done, "this program keeps no names: all are lost");
  keeper::let_go(keeping.kept);
}

/// In a server, before anything is opened: takes what a dead server has left.
std::unique_ptr<Survival> begin_life(const keeper::Life& life, const Keeping& keeping) {
  const bool is_first = life.follows == keeper::Follows::nothing;
  auto survival = std::make_unique<Survival>(Survival{life});
  if (!is_first) keeping.abandon_log();
  auto memory = keeper::SharedMemory::map(life.memory);
  if (memory) {
    survival->memory = std::move(*memory);
    survival->journal = std::make_unique<keeper::Journal>(*survival->memory);
    survival->notes = std::make_unique<keeper::Notes>(life.memory, survival->journal->state());
    if (!is_first) take_over(*survival, keeping);
  } else if (!is_first) {
    keeper::let_go(life.kept);
  }
  if (!is_first) keeping.renew_log();
  if (!memory) keeping.tell_not_kept(memory.error());
  return survival;
}

/// What the memory tells of a request, or of a command, is of a process that is gone.
void forget_process(int memory) {
  keeper::State* const state = keeper::map_state(memory);
  if (!state) return;
  state->request.descriptor = -1;
  state->command = {};
}

void take_stored(Begun& begun) {
  const std::optional<keeper::Stored> stored = keeper::take_stored();
  if (!stored) return;
  const std::vector<int> ours = {stored->memory, stored->pair.in, stored->pair.out};
  std::erase_if(begun.inherited, [&](int number) {
    return std::find(ours.begin(), ours.end(), number) != ours.end();
  });
  if (!keeper::SharedMemory::is_known(stored->memory)) {
    for (const int socket : stored->sockets) close(socket);
    return;
  }
  forget_process(stored->memory);
  begun.is_restart = true;
  begun.handover = {stored->memory, -1, stored->pair, begun.inherited};
}

}  // namespace

base::Result<Begun> begin() {
  Begun begun;
  begun.handover = keeper::take_handover();
  if (!begun.handover) {
    begun.inherited = keeper::open_descriptors();
    take_stored(begun);
    return begun;
  }
  if (!keeper::SharedMemory::is_known(begun.handover->memory))
    return base::Error{"the names are kept in a form that this program does not know"};
  begun.inherited = begun.handover->inherited;
  begun.handed = net::listening_among(keeper::open_besides(begun.inherited));
  return begun;
}

int run_with_keeper(const Keeping& keeping, const Server& server) {
  if (keeping.keeps_names) {
    auto keeper = keeper_for(keeping);
    const base::Result<int> status =
        !keeper ? keeper.error()
                : keeper->run([&](const auto& life) { return server(begin_life(life, keeping)); });
    if (status) return *status;
    keeping.tell_not_kept(status.error());
  }
  let_go(keeping);
  return server(nullptr);
}

void answer_requester(Survival& survival) {
  const keeper::Survivors& survivors = survival.survivors;
  const event::Descriptor asker(std::exchange(survival.life.requester, -1));
  keeper::answer(asker.get(), keeper::Outcome::done,
                 fmt::format("portolan {} goes on; names kept: {}, ended meanwhile: {}, lost: {}",
                             PORTOLAN_VERSION, survivors.names.size(), survivors.names_ended,
                             survivors.names_lost));
}

void store_names(Survival* survival) {
  if (!survival || !survival->journal || survival->life.pair.in < 0) return;
  const keeper::StoredPair& pair = survival->life.pair;
  keeper::put_into(pair, survival->journal->descriptors());
  keeper::put_into(pair, keeper::unheard_among(keeper::open_besides(survival->life.kept)));
  // Names whose sockets did not fit stay written down too: the next daemon says that they are lost.
  survival->journal->close();
}

void tell_service_manager(const Survival* survival, std::string_view state) {
  if (survival)
    keeper::tell_service_manager(survival->life, state);
  else
    net::notify_service_manager(state);
}

pid_t main_process(const Survival* survival) { return survival ? survival->life.keeper : getpid(); }

}  // namespace service
