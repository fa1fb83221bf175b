#include "keeper/server_process.h"

#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace keeper {
namespace {

constexpr int status_of_signals = 128;

}  // namespace

pid_t clone_with_descriptors() {
  return static_cast<pid_t>(
      syscall(SYS_clone, CLONE_FILES | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
}

void end_with(pid_t keeper, int death_signal) {
  prctl(PR_SET_PDEATHSIG, death_signal);
  if (getppid() != keeper) _exit(status_of_signals + SIGKILL);
}

int end_by(int signal_number) {
  prctl(PR_SET_DUMPABLE, 0);  // our core would take the place of the server's
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_UNBLOCK, &all, nullptr);
  std::signal(signal_number, SIG_DFL);  // NOLINT: returns what nobody needs
  std::raise(signal_number);            // NOLINT
  return status_of_signals + signal_number;
}

}  // namespace keeper
