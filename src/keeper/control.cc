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
#include <utility>

#include "base/number.h"
#include "base/system_error.h"

namespace keeper {
namespace {

constexpr std::string_view prefix = "portolan-keeper-";
constexpr std::string_view port_prefix = "portolan-port-";
constexpr std::string_view done = "done: ";
constexpr std::string_view refused = "refused: ";
constexpr size_t line_max = 1024;

struct Name {
  sockaddr_un address = {};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }
};

Name abstract_name(const std::string& text) {
  Name name;
  name.address.sun_family = AF_UNIX;
  text.copy(name.address.sun_path + 1, text.size());  // after the zero of an abstract name
  name.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + text.size());
  return name;
}

Name name_of(pid_t keeper) { return abstract_name(std::string(prefix) + std::to_string(keeper)); }

/// "portolan-port-4369-": the keeper's process follows.
std::string prefix_of(uint16_t port) {
  return std::string(port_prefix) + std::to_string(port) + '-';
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

/// What "… @portolan-keeper-7" in /proc/self/net/unix has behind that prefix.
std::optional<pid_t> process_in(std::string_view line, std::string_view behind) {
  const std::string_view name = line.substr(line.rfind(' ') + 1);
  if (!name.starts_with('@') || !name.substr(1).starts_with(behind)) return std::nullopt;
  return base::parse_number<pid_t>(name.substr(1 + behind.size()));
}

/// In their order, each once.
std::vector<pid_t> processes_behind(std::string_view text) {
  std::vector<pid_t> found;
  std::ifstream sockets("/proc/self/net/unix");  // /proc/net is hidden from services
  for (std::string line; std::getline(sockets, line);)
    if (const auto process = process_in(line, text)) found.push_back(*process);
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

event::Descriptor announce(uint16_t port) {
  const Name name = abstract_name(prefix_of(port) + std::to_string(getpid()));
  event::Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (bind(socket.get(), name.get(), name.size) != 0) return {};
  shutdown(socket.get(), SHUT_RD);  // what others send to it is not kept
  return socket;
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

std::vector<pid_t> keepers_here() { return processes_behind(prefix); }

std::vector<event::Descriptor> announce(const std::set<uint16_t>& ports) {
  std::vector<event::Descriptor> sockets;
  for (const uint16_t port : ports)
    if (event::Descriptor socket = announce(port); socket.is_open())
      sockets.push_back(std::move(socket));
  return sockets;
}

std::optional<pid_t> keeper_at(uint16_t port) {
  const std::vector<pid_t> found = processes_behind(prefix_of(port));
  return found.empty() ? std::nullopt : std::optional(found.front());
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
