#include "process/daemonize.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>

namespace process {

namespace {

using base::Error;

/// Forks; the parent waits until `ready` is closed everywhere else, and exits.
base::Result<base::Done> leave_parent(const event::Descriptor& ready_read,
                                      event::Descriptor& ready) {
  const pid_t child = fork();
  if (child < 0)
    return Error{std::string("erlang mapper daemon can't fork ") + std::strerror(errno)};
  if (child == 0) return base::Done{};
  ready = event::Descriptor();
  char byte = 0;
  while (ready_read.is_open() && read(ready_read.get(), &byte, 1) < 0 && errno == EINTR) continue;
  _exit(0);
}

void close_others(int kept, InheritedSockets inherited) {
  constexpr unsigned first = STDERR_FILENO + 1;
  if (inherited == InheritedSockets::keep) return;
  if (static_cast<unsigned>(kept) > first) close_range(first, static_cast<unsigned>(kept) - 1, 0);
  close_range(static_cast<unsigned>(kept) + 1, ~0U, 0);
}

void stand_on_null() {
  // What is closed and opened again gets the lowest number.
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    close(standard);
    [[maybe_unused]] const int opened =
        open("/dev/null", standard == STDIN_FILENO ? O_RDONLY : O_WRONLY);
  }
}

}  // namespace

base::Result<Daemon> daemonize(InheritedSockets inherited) {
  std::array<int, 2> ends = {};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    return Error{std::string("cannot make a pipe: ") + std::strerror(errno)};
  event::Descriptor ready_read(ends[0]);
  event::Descriptor ready(ends[1]);
  if (const auto forked = leave_parent(ready_read, ready); !forked) return forked.error();
  setsid();
  std::signal(SIGHUP, SIG_IGN);  // NOLINT: returns what nobody needs
  // A second fork, so that the daemon can never get a controlling terminal.
  ready_read = event::Descriptor();
  if (const auto forked = leave_parent(event::Descriptor(), ready); !forked) return forked.error();
  [[maybe_unused]] const int unreachable = chdir("/");
  umask(0);
  close_others(ready.get(), inherited);
  stand_on_null();
  return Daemon{std::move(ready)};
}

}  // namespace process
