#pragma once

#include <sys/types.h>

#include "process/command_record.h"

namespace keeper {

/// The command of `run` as the keeper sees it: the child of a server, and the keeper's own once
/// that server has crashed.
class AdoptedCommand {
 public:
  /// The record outlives it. Null: there can be no command.
  explicit AdoptedCommand(process::CommandRecord* record = nullptr) : record_(record) {}

  /// Whether there may be another server. `is_ending`: the daemon was asked to end. A command that
  /// was just being started may be there or not: a second one would be worse than none.
  bool may_go_on(bool is_ending) const;
  /// A child of the keeper has ended with this status (waitpid). Whether it was the command: then
  /// that is noted, for the server.
  bool note_ended(pid_t child, int status) const;
  /// If it, or what it has left of its group, was stopped by Ctrl-Z, the keeper stops too.
  void see_to_stop() const;

 private:
  process::CommandRecord* record_;
};

}  // namespace keeper
