#include "process/terminal_command.h"

#include <spawn.h>
#include <unistd.h>

#include <csignal>

#include "process/environment.h"

namespace process {
namespace {

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

}  // namespace

bool have_terminal() { return isatty(STDIN_FILENO) == 1 && tcgetpgrp(STDIN_FILENO) == getpgrp(); }

/// In the background SIGTTOU would stop us if we did not ignore it.
void take_terminal_back() {
  const auto before = std::signal(SIGTTOU, SIG_IGN);
  tcsetpgrp(STDIN_FILENO, getpgrp());
  std::signal(SIGTTOU, before);  // NOLINT: cannot fail
}

void stop_with_command(idtype_t whose, pid_t command, pid_t main_process) {
  siginfo_t stopped = {};
  if (waitid(whose, static_cast<id_t>(command), &stopped, WSTOPPED | WNOHANG) != 0) return;
  if (stopped.si_pid == 0 || stopped.si_status == SIGSTOP) return;
  if (getsid(0) == main_process)
    ::kill(-command, SIGCONT);
  else
    ::kill(main_process, SIGSTOP);
}

int start_command(std::vector<std::string> words, const std::map<std::string, std::string>& added,
                  pid_t& process) {
  const bool has_terminal = have_terminal();
  const Attributes with(has_terminal);
  std::vector<std::string> environment = environment_for_others(added);
  const std::vector<char*> word_pointers = pointers_to(words);
  const std::vector<char*> environment_pointers = pointers_to(environment);
  const int error_number =
      posix_spawnp(&process, words.front().c_str(), with.actions(), with.attributes(),
                   word_pointers.data(), environment_pointers.data());
  // Given away before it is known whether there is such a command.
  if (error_number != 0 && has_terminal) take_terminal_back();
  return error_number;
}

}  // namespace process
