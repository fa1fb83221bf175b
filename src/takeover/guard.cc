#include "takeover/guard.h"

#include <fmt/core.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <string>
#include <utility>

#include "base/system_error.h"
#include "epmd/message.h"
#include "net/blocking_client.h"
#include "takeover/pause.h"

namespace takeover {
namespace {

/// From the exec of the daemon to its first answer.
constexpr std::chrono::seconds daemon_timeout(15);
constexpr std::chrono::seconds end_timeout(5);

/// A NAMES_RESP begins with EPMD's port. More follows if there is a name.
constexpr size_t epmd_port_bytes = 4;

void tell(const std::string& what) {
  std::fputs(fmt::format("portolan takeover: {}\n", what).c_str(), stderr);
}

/// Whether the first is readable, and not the second, within that time.
bool is_first_readable(int first, int second, int milliseconds) {
  std::array<pollfd, 2> waited = {pollfd{first, POLLIN, 0}, pollfd{second, POLLIN, 0}};
  int ready = 0;
  do ready = poll(waited.data(), waited.size(), milliseconds);
  while (ready < 0 && errno == EINTR);
  return ready > 0 && waited[0].revents != 0;
}

/// The life of the guard.
class Watch {
 public:
  Watch(const std::vector<OldProcess>& old, const net::Address& epmd, const OldProcess& daemon,
        int channel)
      : old_(old), epmd_(epmd), daemon_(daemon), channel_(channel) {}

  void run() {
    size_t names = 0;
    // Nothing comes if this takeover has failed, or has been ended: the old one may be stopped.
    if (recv(channel_, &names, sizeof names, 0) != sizeof names) return resume(old_);
    if (!answers(names > 0) || !is_stopped()) return undo();
    for (const OldProcess& each : old_) each.send(SIGKILL);
    const OldProcess& server = old_.back();
    server.has_ended(end_timeout);
    tell(fmt::format("process {} serves; it has {} names of process {}, which is ended",
                     daemon_.number(), names, server.number()));
  }

 private:
  /// What answers is the new one, as long as the old one is stopped.
  bool is_stopped() const {
    return std::all_of(old_.begin(), old_.end(), [](const OldProcess& each) {
      return each.has_stopped(std::chrono::milliseconds(0));
    });
  }

  bool answers(bool has_names) const {
    const auto deadline = std::chrono::steady_clock::now() + daemon_timeout;
    auto client = net::BlockingClient::connect(epmd_, deadline);
    if (!client || !client->send(epmd::encode_request(epmd::Opcode::names_req))) return false;
    constexpr std::chrono::milliseconds timeout = daemon_timeout;
    if (!is_first_readable(client->descriptor(), daemon_.pidfd(), timeout.count())) return false;
    const size_t needed = epmd_port_bytes + (has_names ? 1 : 0);
    const auto answer = client->receive_at_most(needed);
    return answer && answer->size() == needed;
  }

  void undo() const {
    daemon_.send(SIGKILL);
    daemon_.has_ended(end_timeout);
    resume(old_);
    tell(fmt::format("the new daemon did not answer; process {} goes on as before",
                     old_.back().number()));
  }

  const std::vector<OldProcess>& old_;
  const net::Address& epmd_;
  const OldProcess& daemon_;
  int channel_;
};

/// The process of the terminal or the unit may be signalled as a whole.
void ignore_signals() {
  for (const int number : {SIGHUP, SIGINT, SIGTERM, SIGPIPE, SIGQUIT})
    std::signal(number, SIG_IGN);  // NOLINT: returns what nobody needs
}

}  // namespace

base::Result<Guard> Guard::start(const std::vector<OldProcess>& old, const net::Address& epmd) {
  std::array<int, 2> ends = {};
  const auto daemon = OldProcess::open(getpid());
  if (!daemon) return daemon.error();
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return base::system_error("socketpair");
  event::Descriptor ours(ends[0]);
  event::Descriptor guards(ends[1]);
  const pid_t child = fork();
  if (child < 0) return base::system_error("fork");
  if (child > 0) {
    waitpid(child, nullptr, 0);
    return Guard(std::move(ours));
  }
  // Twice, so that it is no child of the daemon, which would have to wait for it.
  if (fork() != 0) _exit(0);
  close(ours.release());
  ignore_signals();
  Watch(old, epmd, *daemon, guards.get()).run();
  _exit(0);
}

bool Guard::expect_daemon(size_t names) {
  return send(channel_.get(), &names, sizeof names, MSG_NOSIGNAL) == sizeof names;
}

}  // namespace takeover
