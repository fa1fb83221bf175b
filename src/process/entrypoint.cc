#include "process/entrypoint.h"

#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "process/environment.h"

namespace process {
namespace {

/// What a command is started with beside its words: a process group of its own, so that a
/// terminal's keys reach it and not us; no signal blocked or ignored; the terminal, if it is ours.
class Attributes {
 public:
  explicit Attributes(bool gives_terminal) {
    posix_spawnattr_init(&attributes_);
    posix_spawn_file_actions_init(&actions_);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes_, &signals);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (gives_terminal) posix_spawn_file_actions_addtcsetpgrp_np(&actions_, STDIN_FILENO);
  }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  ~Attributes() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }

  const posix_spawnattr_t* attributes() const { return &attributes_; }
  const posix_spawn_file_actions_t* actions() const { return &actions_; }

 private:
  posix_spawnattr_t attributes_ = {};
  posix_spawn_file_actions_t actions_ = {};
};

bool have_terminal() { return isatty(STDIN_FILENO) == 1 && tcgetpgrp(STDIN_FILENO) == getpgrp(); }

/// From the background, where it would stop us if we did not ignore that.
void take_terminal_back() {
  const auto before = std::signal(SIGTTOU, SIG_IGN);
  tcsetpgrp(STDIN_FILENO, getpgrp());
  std::signal(SIGTTOU, before);  // NOLINT: cannot fail
}

}  // namespace

Entrypoint::Entrypoint(event::Loop& loop, OnExit on_exit)
    : loop_(loop),
      on_exit_(std::move(on_exit)),
      again_(loop),
      on_child_(loop, SIGCHLD, [this] { see_to_it(); }) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
}

Entrypoint::~Entrypoint() {
  if (process_ != 0) ::kill(process_, SIGKILL);
}

int Entrypoint::start(std::vector<std::string> words,
                      const std::map<std::string, std::string>& added) {
  has_terminal_ = have_terminal();
  const Attributes with(has_terminal_);
  std::vector<std::string> environment = environment_for_others(added);
  const std::vector<char*> word_pointers = pointers_to(words);
  const std::vector<char*> environment_pointers = pointers_to(environment);
  const int error_number =
      posix_spawnp(&process_, words.front().c_str(), with.actions(), with.attributes(),
                   word_pointers.data(), environment_pointers.data());
  // Given away before it is known whether there is such a command.
  if (error_number != 0 && has_terminal_) take_terminal_back();
  return error_number;
}

void Entrypoint::send(int signal_number) const {
  if (process_ != 0) ::kill(process_, signal_number);
}

void Entrypoint::pass_on_hangup() const {
  if (has_terminal_ && isatty(STDIN_FILENO) == 0) send(SIGHUP);
}

void Entrypoint::see_to_it() {
  see_to_stop();
  reap();
}

/// By Ctrl-Z, which reaches it and not us. With a shell around us we stop too, so that the shell
/// goes on, and wake it when we are woken. The first of a session has nobody who would: then it
/// goes on at once, as if it were the first itself.
void Entrypoint::see_to_stop() {
  siginfo_t stopped = {};
  if (process_ == 0 || !has_terminal_) return;
  if (waitid(P_PID, static_cast<id_t>(process_), &stopped, WSTOPPED | WNOHANG) != 0) return;
  if (stopped.si_pid == 0 || stopped.si_status == SIGSTOP) return;
  if (getsid(0) != getpid()) {
    raise(SIGSTOP);  // NOLINT: cannot fail
    if (have_terminal()) tcsetpgrp(STDIN_FILENO, process_);
  }
  ::kill(-process_, SIGCONT);
}

/// One signal may stand for the end of many. What libuv has started is left to libuv, which may
/// come to it after us: then we look again.
void Entrypoint::reap() {
  siginfo_t ended = {};
  while (waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid != 0) {
    if (is_the_loops(ended.si_pid))
      return again_.start(std::chrono::milliseconds(10), [this] { reap(); });
    int status = 0;
    waitpid(ended.si_pid, &status, 0);
    if (ended.si_pid == process_) take_status(status);
    ended = {};
  }
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

void Entrypoint::take_status(int status) {
  process_ = 0;
  if (has_terminal_) take_terminal_back();
  if (WIFSIGNALED(status))
    on_exit_({0, WTERMSIG(status)});
  else
    on_exit_({WEXITSTATUS(status), 0});
}

}  // namespace process
