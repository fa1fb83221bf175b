#include "outputs/hook.h"

#include <cstring>
#include <utility>

#include "logging/log.h"
#include "outputs/printer.h"

namespace outputs {

using discovery::Change;

std::map<std::string, std::string> environment_of(const Change& change) {
  const discovery::Sighting& member = change.member;
  return {{"PORTOLAN_EVENT", change.kind == Change::Kind::joined ? "joined" : "left"},
          {"PORTOLAN_NODE", member.name.to_string()},
          {"PORTOLAN_ADDRESS", member.node.ip},
          {"PORTOLAN_PORT", std::to_string(member.node.port_no)},
          {"PORTOLAN_QUERY", member.queries.front()},
          {"PORTOLAN_VERIFIED", member.is_verified ? "true" : "false"},
          {"PORTOLAN_CREATION", member.is_verified ? std::to_string(member.creation) : ""},
          {"PORTOLAN_REASON", change.reason}};
}

void Hook::tell(const discovery::Report& report) {
  ledger_.add(report.changes);
  if (!running_) run_next();
}

/// A command that cannot even be started is tried again after the next round.
void Hook::run_next() {
  const std::optional<Change> change = ledger_.next();
  if (!change) return;
  auto started = process::HookProcess::start(
      loop_, {{"/bin/sh", "-c", command_}, environment_of(*change), timeout_},
      [this, change = *change](const process::HookProcess::Exit& exit) { on_exit(change, exit); });
  if (started)
    running_ = std::move(*started);
  else
    logging::error("hook_failed", "--on-change: {}",
                   logging::field("reason", started.error().message));
}

void Hook::on_exit(const Change& change, const process::HookProcess::Exit& exit) {
  const std::string event = to_text(change);
  if (exit.was_late)
    logging::warn("hook_killed",
                  "--on-change: killed after {} ms, for '{}'; what takes long belongs in the "
                  "background",
                  timeout_.count(), logging::field("change", event));
  else if (exit.signal_number != 0)
    logging::warn("hook_died", "--on-change: died of signal {} ({}), for '{}'",
                  logging::field("signal", exit.signal_number), strsignal(exit.signal_number),
                  logging::field("change", event));
  else if (exit.status != 0)
    logging::warn("hook_failed", "--on-change: exited with {}, for '{}'",
                  logging::field("status", exit.status), logging::field("change", event));
  ledger_.acknowledge(change);
  note_progress();
  running_.reset();
  run_next();
}

}  // namespace outputs
