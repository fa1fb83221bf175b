#include "takeover/old_process.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "base/number.h"
#include "base/system_error.h"
#include "keeper/byte_counts.h"
#include "keeper/survey.h"

namespace takeover {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// A process stops when it next comes out of the kernel, which no descriptor tells.
constexpr std::chrono::microseconds between_looks(100);

bool is_listening(int socket) {
  int answer = 0;
  socklen_t size = sizeof answer;
  return getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &answer, &size) == 0 && answer != 0;
}

/// As /proc shows it.
std::string name_of(int socket) {
  struct stat status = {};
  fstat(socket, &status);
  return "socket:[" + std::to_string(status.st_ino) + "]";
}

/// Nothing: it is no TCP socket.
std::optional<SocketFacts> facts_of(int socket, int number, const net::Address& own) {
  const auto counts = keeper::byte_counts(socket);
  if (!counts) return std::nullopt;
  const bool listens = is_listening(socket);
  // What the kernel counts of a socket that listens is the length of its queue.
  const uint64_t read = listens ? 0 : counts->read;
  const uint64_t sent = listens ? 0 : counts->sent;
  return SocketFacts{number, keeper::cookie_of(socket), listens, own.port(), read, sent};
}

/// The letter of its state in /proc: T if it is stopped. It stands behind the name, which may hold
/// anything. '\0': it has ended.
char state_of(const fs::path& thread) {
  std::ifstream file(thread / "stat");
  std::string text;
  std::getline(file, text, '\0');
  const size_t end_of_name = text.rfind(") ");
  return end_of_name == text.npos ? '\0' : text[end_of_name + 2];
}

bool is_stopped(pid_t process) {
  std::error_code error;
  const fs::path threads = fs::path("/proc") / std::to_string(process) / "task";
  for (fs::directory_iterator each(threads, error), end; !error && each != end;
       each.increment(error))
    if (state_of(each->path()) != 'T') return false;
  return !error;
}

bool is_readable(int descriptor, int milliseconds) {
  pollfd waited = {descriptor, POLLIN, 0};
  int ready = 0;
  do ready = poll(&waited, 1, milliseconds);
  while (ready < 0 && errno == EINTR);
  return ready > 0;
}

base::Error not_seen(const std::error_code& error) {
  return {"cannot see the descriptors of the process: " + error.message(), error.value()};
}

/// The numbers of its descriptors that are sockets, in no order.
base::Result<std::vector<int>> socket_numbers(pid_t process) {
  std::error_code error;
  std::vector<int> numbers;
  const fs::path folder = fs::path("/proc") / std::to_string(process) / "fd";
  for (fs::directory_iterator each(folder, error), end; !error && each != end;
       each.increment(error)) {
    std::error_code unread;
    const std::string what = fs::read_symlink(each->path(), unread).string();
    if (unread == std::errc::permission_denied) return not_seen(unread);
    if (!what.starts_with("socket:")) continue;  // or it is closed by now
    numbers.push_back(base::parse_number<int>(each->path().filename().string()).value_or(-1));
  }
  if (error) return not_seen(error);
  return numbers;
}

}  // namespace

base::Result<OldProcess> OldProcess::open(pid_t process) {
  event::Descriptor pidfd(static_cast<int>(syscall(SYS_pidfd_open, process, 0)));
  if (!pidfd.is_open()) return base::system_error("pidfd_open");
  return OldProcess(process, std::move(pidfd));
}

base::Result<Look> OldProcess::look(bool is_to_keep) const {
  const auto numbers = socket_numbers(number_);
  if (!numbers) return numbers.error();
  Look look;
  for (const int number : *numbers) {
    event::Descriptor socket(static_cast<int>(syscall(SYS_pidfd_getfd, pidfd_.get(), number, 0)));
    if (!socket.is_open() && errno == EBADF) continue;  // it was closed meanwhile
    if (!socket.is_open()) return base::system_error("pidfd_getfd");
    const net::Address own = net::Address::of_socket(socket.get()).value_or(net::Address{});
    const auto facts = facts_of(socket.get(), number, own);
    if (!facts) continue;
    look.sockets.push_back(*facts);
    if (facts->is_listening) look.listening.push_back(own);
    if (facts->is_listening) look.listening_names.insert(name_of(socket.get()));
    if (is_to_keep) look.duplicates.push_back(std::move(socket));
  }
  return look;
}

bool OldProcess::send(int signal_number) const {
  return syscall(SYS_pidfd_send_signal, pidfd_.get(), signal_number, nullptr, 0) == 0;
}

bool OldProcess::has_stopped(std::chrono::milliseconds timeout) const {
  const auto deadline = Clock::now() + timeout;
  while (!is_stopped(number_)) {
    if (Clock::now() >= deadline || has_ended({})) return false;
    std::this_thread::sleep_for(between_looks);
  }
  return true;
}

bool OldProcess::has_ended(std::chrono::milliseconds timeout) const {
  return is_readable(pidfd_.get(), static_cast<int>(timeout.count()));
}

}  // namespace takeover
