#include "keeper/adopted_command.h"

#include <sys/wait.h>
#include <unistd.h>

#include "process/terminal_command.h"

namespace keeper {

using Stage = process::CommandRecord::Stage;

bool AdoptedCommand::may_go_on(bool is_ending) const {
  const Stage stage = record_ ? record_->stage : Stage::not_started;
  if (stage == Stage::starting) return false;
  return !is_ending || stage == Stage::running;
}

bool AdoptedCommand::note_ended(pid_t child, int status) const {
  if (!record_ || record_->stage != Stage::running || record_->process != child) return false;
  if (WIFSIGNALED(status))
    record_->end(0, WTERMSIG(status));
  else
    record_->end(WEXITSTATUS(status), 0);
  return true;
}

void AdoptedCommand::see_to_stop() const {
  if (!record_ || record_->process == 0 || record_->has_terminal == 0) return;
  const bool has_ended = record_->stage == Stage::ended;
  process::stop_with_command(has_ended ? P_PGID : P_PID, record_->process, getpid());
}

}  // namespace keeper
