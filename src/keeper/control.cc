#include "keeper/control.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <fstream>
#include <optional>

#include "base/number.h"
#include "base/system_error.h"

namespace keeper {
namespace {

constexpr std::string_view prefix = "portolan-keeper-";
constexpr std::string_view done = "done: ";
constexpr std::string_view refused = "refused: ";
constexpr size_t line_max = 1024;

struct Name {
  sockaddr_un address = {};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }
};

Name name_of(pid_t keeper) {
  const std::string text = std::string(prefix) + std::to_string(keeper);
  Name name;
  name.address.sun_family = AF_UNIX;
  text.copy(name.address.sun_path + 1, text.size());  // after the zero of an abstract name
  name.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + text.size());
  return name;
}

event::Descriptor make_socket() {
  return event::Descriptor(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

/// Any process can take a name. That of the one that listens comes from the kernel.
bool is_listened_at_by(int connection, pid_t keeper) {
  ucred peer = {};
  socklen_t size = sizeof peer;
  return getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid == keeper;
}

/// "… @portolan-keeper-7" in /proc/self/net/unix.
std::optional<pid_t> keeper_in(std::string_view line) {
  const std::string_view name = line.substr(line.rfind(' ') + 1);
  if (!name.starts_with('@') || !name.substr(1).starts_with(prefix)) return std::nullopt;
  return base::parse_number<pid_t>(name.substr(1 + prefix.size()));
}

Answer parse(std::string_view line) {
  if (line.starts_with(done)) return {Outcome::done, std::string(line.substr(done.size()))};
  const size_t begin = line.starts_with(refused) ? refused.size() : 0;
  return {Outcome::refused, std::string(line.substr(begin))};
}

}  // namespace

event::Descriptor listen_for_askers() {
  const Name name = name_of(getpid());
  event::Descriptor socket = make_socket();
  if (bind(socket.get(), name.get(), name.size) != 0) return {};
  if (listen(socket.get(), 1) != 0) return {};
  return socket;
}

void answer(int asker, Outcome outcome, std::string_view what) {
  std::string line(outcome == Outcome::done ? done : refused);
  line.append(what);
  line.resize(std::min(line.size(), line_max));
  send(asker, line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

std::vector<pid_t> keepers_here() {
  std::vector<pid_t> keepers;
  std::ifstream sockets("/proc/self/net/unix");  // /proc/net is hidden from services
  for (std::string line; std::getline(sockets, line);)
    if (const auto keeper = keeper_in(line)) keepers.push_back(*keeper);
  std::sort(keepers.begin(), keepers.end());
  keepers.erase(std::unique(keepers.begin(), keepers.end()), keepers.end());
  return keepers;
}

base::Result<Answer> ask_for_upgrade(pid_t keeper, std::chrono::milliseconds timeout) {
  const Name name = name_of(keeper);
  const event::Descriptor connection = make_socket();
  if (connect(connection.get(), name.get(), name.size) != 0) return base::system_error("connect");
  if (!is_listened_at_by(connection.get(), keeper))
    return base::Error{"another process has taken its place"};
  pollfd waited = {connection.get(), POLLIN, 0};
  if (poll(&waited, 1, static_cast<int>(timeout.count())) == 0)
    return base::Error{"no answer came in time", ETIMEDOUT};
  std::array<char, line_max> line = {};
  const ssize_t count = recv(connection.get(), line.data(), line.size(), 0);
  if (count <= 0) return base::Error{"the daemon has ended", ECONNRESET};
  return parse({line.data(), static_cast<size_t>(count)});
}

}  // namespace keeper
