#include "process/entrypoint.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include "process/terminal_command.h"

namespace process {
namespace {

/// When to look again for what no signal tells.
constexpr std::chrono::milliseconds look_interval(10);
constexpr std::chrono::milliseconds group_interval(50);

using Stage = CommandRecord::Stage;

void note_end(CommandRecord& record, const siginfo_t& ended) {
  const bool has_exited = ended.si_code == CLD_EXITED;
  record.end(has_exited ? ended.si_status : 0, has_exited ? 0 : ended.si_status);
}

/// A process that has ended counts until its parent has reaped it.
bool is_anybody_in(pid_t group) { return ::kill(-group, 0) == 0 || errno != ESRCH; }

}  // namespace

Entrypoint::Entrypoint(event::Loop& loop, Reach reach, CommandRecord& record, pid_t main_process,
                       OnExit on_exit)
    : loop_(loop),
      reach_(reach),
      record_(record),
      main_process_(main_process),
      on_exit_(std::move(on_exit)),
      again_(loop),
      on_child_(loop, SIGCHLD, [this] { see_to_it(); }),
      on_woken_(loop, SIGCONT, [this] { wake_group(); }) {
  if (main_process_ == getpid()) prctl(PR_SET_CHILD_SUBREAPER, 1);
}

Entrypoint::~Entrypoint() { send(SIGKILL); }

int Entrypoint::start(std::vector<std::string> words,
                      const std::map<std::string, std::string>& added) {
  has_terminal_ = have_terminal();
  record_.has_terminal = has_terminal_ ? 1 : 0;
  record_.set_stage(Stage::starting);
  const int error_number = start_command(std::move(words), added, process_);
  if (error_number != 0) process_ = 0;
  group_ = process_;
  record_.process = process_;
  record_.set_stage(error_number == 0 ? Stage::running : Stage::not_started);
  return error_number;
}

void Entrypoint::adopt() {
  has_terminal_ = record_.has_terminal != 0;
  process_ = record_.process;
  group_ = process_;
  again_.start({}, [this] { reap(); });  // it may have ended already
}

bool Entrypoint::send(int signal_number) const {
  return group_ != 0 && ::kill(reach_ == Reach::group ? -group_ : group_, signal_number) == 0;
}

bool Entrypoint::pass_on_hangup() const {
  return has_terminal_ && isatty(STDIN_FILENO) == 0 && send(SIGHUP);
}

std::string Entrypoint::receiver() const {
  return (reach_ == Reach::group ? "process group " : "process ") + std::to_string(group_);
}

void Entrypoint::see_to_it() {
  see_to_stop();
  reap();
}

void Entrypoint::see_to_stop() {
  if (group_ == 0 || !has_terminal_) return;
  stop_with_command(process_ != 0 ? P_PID : P_PGID, group_, main_process_);
}

/// The shell has woken us, and given us the terminal if the command is to have it.
void Entrypoint::wake_group() const {
  if (group_ == 0 || !has_terminal_) return;
  if (have_terminal()) tcsetpgrp(STDIN_FILENO, group_);
  ::kill(-group_, SIGCONT);
}

void Entrypoint::reap() {
  reap_each();
  if (process_ != 0 && record_.stage == Stage::ended) take_end();
  see_to_group();
}

/// One signal may stand for the end of many. What libuv has started is left to libuv, which may
/// come to it after us: then we look again. The end is noted before the process is gone: whoever
/// follows us cannot wait for it any more.
void Entrypoint::reap_each() {
  siginfo_t ended = {};
  while (waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid != 0) {
    if (is_the_loops(ended.si_pid)) return again_.start(look_interval, [this] { reap(); });
    if (ended.si_pid == process_) note_end(record_, ended);
    waitpid(ended.si_pid, nullptr, 0);
    ended = {};
  }
}

/// Not all of the group are our children, so no signal may tell that the last of them has ended.
void Entrypoint::see_to_group() {
  if (process_ != 0 || group_ == 0) return;
  if (reach_ == Reach::command || !is_anybody_in(group_)) return finish();
  if (!std::exchange(exit_.is_group_left, true)) on_exit_(exit_);
  again_.start(group_interval, [this] { reap(); });
}

bool Entrypoint::is_the_loops(pid_t process) {
  struct Search {
    pid_t process;
    bool is_found;
  } search = {process, false};
  const auto look = [](uv_handle_t* handle, void* data) {
    auto& sought = *static_cast<Search*>(data);
    const bool is_process = handle->type == UV_PROCESS && uv_is_active(handle) != 0;
    if (is_process && reinterpret_cast<uv_process_t*>(handle)->pid == sought.process)
      sought.is_found = true;
  };
  uv_walk(loop_.get(), look, &search);
  return search.is_found;
}

void Entrypoint::take_end() {
  process_ = 0;
  exit_.status = record_.status;
  exit_.signal_number = record_.signal_number;
}

void Entrypoint::finish() {
  group_ = 0;
  exit_.is_group_left = false;
  if (has_terminal_) take_terminal_back();
  on_exit_(exit_);
}

}  // namespace process
