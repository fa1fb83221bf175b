#include "service/kept_foreground.h"

#include <csignal>
#include <utility>

#include "logging/log.h"
#include "service/survival_log.h"

namespace service {
namespace {

std::vector<int> kept_of(const Foreground& foreground) {
  std::vector<int> kept = foreground.inherited;
  for (const auto* const sockets : {&foreground.sockets, &foreground.http_sockets})
    for (const net::ListeningSocket& socket : *sockets) kept.push_back(socket.descriptor.get());
  return kept;
}

}  // namespace

int run_with_keeper(Foreground& foreground, const std::function<int()>& server,
                    const std::vector<int>& signals) {
  Keeping keeping = {foreground.serve.keeps_names, foreground.sockets,  kept_of(foreground),
                     foreground.inherited,         foreground.handover, signals};
  keeping.signals.insert(keeping.signals.end(), {SIGTERM, SIGINT, SIGHUP});
  keeping.is_restart = foreground.is_restart;
  keeping.abandon_log = logging::abandon;
  keeping.renew_log = [&] { set_up_log_again(foreground.serve); };
  keeping.tell_not_kept = tell_not_kept;
  return run_with_keeper(keeping, [&](std::unique_ptr<Survival> survival) {
    foreground.survival = std::move(survival);
    return server();
  });
}

process::CommandRecord* command_record(const Foreground& foreground) {
  const Survival* const survival = foreground.survival.get();
  return survival && survival->journal ? &survival->journal->state().command : nullptr;
}

}  // namespace service
