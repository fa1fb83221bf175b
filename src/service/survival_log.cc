#include "service/survival_log.h"

#include <fmt/core.h>

#include <cstring>

#include "keeper/crash_limit.h"
#include "logging/log.h"

namespace service {
namespace {

using keeper::CrashLimit;
using keeper::Follows;

constexpr auto let_go_text =
    "the server has crashed {} times in {} s, and begins without its names: {} lost";
constexpr auto restart_text =
    "the server died of signal {} ({}), and the next one goes on; names kept: {}, ended "
    "meanwhile: {}, lost: {}";
constexpr auto upgrade_text =
    "this program ({}) goes on in the place of another; names kept: {}, ended meanwhile: {}, "
    "lost: {}";
constexpr auto service_text =
    "the service was restarted, and goes on; names kept: {}, ended meanwhile: {}, lost: {}";

void tell_restart(const Survival& survival) {
  const keeper::Survivors& survivors = survival.survivors;
  const int number = survival.life.last_signal;
  if (survival.life.was_hung)
    logging::error("server_hung", "the server had not answered its keeper for {} s, and was killed",
                   keeper::Watchdog::patience.count() / 1000);
  if (survival.life.lets_go)
    logging::error("names_let_go", let_go_text, CrashLimit::crashes_max,
                   CrashLimit::within.count() / 1000,
                   logging::field("names_lost", survivors.names_lost));
  logging::warn("server_restarted", restart_text, logging::field("signal", number),
                strsignal(number), logging::field("names_kept", survivors.names.size()),
                logging::field("names_ended", survivors.names_ended),
                logging::field("names_lost", survivors.names_lost));
}

void tell_upgrade(const keeper::Survivors& survivors) {
  logging::info("upgraded", upgrade_text, logging::field("version", PORTOLAN_VERSION),
                logging::field("names_kept", survivors.names.size()),
                logging::field("names_ended", survivors.names_ended),
                logging::field("names_lost", survivors.names_lost));
}

void tell_service_restart(const keeper::Survivors& survivors) {
  logging::info("restarted", service_text, logging::field("names_kept", survivors.names.size()),
                logging::field("names_ended", survivors.names_ended),
                logging::field("names_lost", survivors.names_lost));
}

}  // namespace

std::string summary_of(const Survival& survival) {
  const keeper::Survivors& survivors = survival.survivors;
  const int number = survival.life.last_signal;
  if (survival.life.follows == Follows::nothing) return {};
  if (survival.life.follows == Follows::replaced_program)
    return fmt::format(upgrade_text, PORTOLAN_VERSION, survivors.names.size(),
                       survivors.names_ended, survivors.names_lost);
  if (survival.life.follows == Follows::ended_daemon)
    return fmt::format(service_text, survivors.names.size(), survivors.names_ended,
                       survivors.names_lost);
  return fmt::format(restart_text, number, strsignal(number), survivors.names.size(),
                     survivors.names_ended, survivors.names_lost);
}

void tell_of(const Survival& survival) {
  if (survival.life.follows == Follows::crashed_server) tell_restart(survival);
  if (survival.life.follows == Follows::replaced_program) tell_upgrade(survival.survivors);
  if (survival.life.follows == Follows::ended_daemon) tell_service_restart(survival.survivors);
}

void tell_not_kept(const base::Error& error) {
  logging::warn("names_not_kept", "a crash of the daemon will end all names: {}",
                logging::field("reason", error.message));
}

void tell_refusal(const char* reason) {
  logging::error("upgrade_refused", "the upgrade was refused, and this program goes on: {}",
                 logging::field("reason", reason));
}

}  // namespace service
