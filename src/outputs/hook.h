#pragma once

#include <chrono>
#include <map>
#include <string>

#include "event/loop.h"
#include "outputs/ledger.h"
#include "outputs/output.h"
#include "outputs/progress.h"
#include "process/hook_process.h"

namespace outputs {

/// Runs a command for each change, one at a time, with the change in its environment. While one
/// runs, what comes and goes again is not told; a command that fails is logged and not repeated.
class Hook final : public Output {
 public:
  /// The command is for a shell. The loop outlives the hook.
  Hook(event::Loop& loop, std::string command,
       std::chrono::milliseconds timeout = std::chrono::seconds(10))
      : loop_(loop), command_(std::move(command)), timeout_(timeout) {}

  void tell(const discovery::Report& report) override;
  std::string_view name() const override { return "hook"; }
  Json progress() const override { return keep(ledger_.untold()); }
  void resume(const discovery::Members& members, const Json& progress) override {
    outputs::resume(ledger_, members, progress);
  }

 private:
  void run_next();
  void on_exit(const discovery::Change& change, const process::HookProcess::Exit& exit);

  event::Loop& loop_;
  std::string command_;
  std::chrono::milliseconds timeout_;
  Ledger ledger_ = {};
  base::Pending running_ = {};
};

/// PORTOLAN_EVENT, _NODE, _ADDRESS, _PORT, _QUERY, _VERIFIED, _CREATION and _REASON.
std::map<std::string, std::string> environment_of(const discovery::Change& change);

}  // namespace outputs
