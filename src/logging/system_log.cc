#include "logging/system_log.h"

#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <ctime>

namespace logging {

void SystemLog::write(const std::string& line) {
  if (lost_ > 0 &&
      !put(fmt::format("{} log lines were lost: the system's log did not take them", lost_))) {
    ++lost_;
    return;
  }
  lost_ = 0;
  if (!put(line)) ++lost_;
}

/// False: nothing of it was taken. Where the log was restarted, its socket is another one.
bool SystemLog::put(const std::string& line) {
  if (!rest_.empty() && !send_rest() && socket_.is_open()) return false;
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (!socket_.is_open() && !connect()) return false;
    const std::string whole = framed(line);
    rest_ = whole;
    if (send_rest()) return true;
    if (!socket_.is_open()) continue;
    if (rest_.size() < whole.size()) return true;  // the rest follows
    rest_.clear();
    return false;
  }
  return false;
}

/// A connection that has failed is closed, and what was begun on it is over.
bool SystemLog::send_rest() {
  while (!rest_.empty()) {
    const ssize_t count =
        send(socket_.get(), rest_.data(), rest_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count > 0) {
      rest_.erase(0, static_cast<size_t>(count));
    } else if (errno == EAGAIN || errno == ENOBUFS || errno == EMSGSIZE) {
      return false;
    } else if (errno != EINTR) {
      socket_ = event::Descriptor();
      rest_.clear();
      return false;
    }
  }
  return true;
}

bool SystemLog::connect() {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path_.copy(address.sun_path, sizeof address.sun_path - 1);
  for (const int type : {SOCK_DGRAM, SOCK_STREAM}) {
    event::Descriptor made(::socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const auto* const to = reinterpret_cast<const sockaddr*>(&address);
    if (!made.is_open() || ::connect(made.get(), to, sizeof address) != 0) continue;
    socket_ = std::move(made);
    is_stream_ = type == SOCK_STREAM;
    return true;
  }
  return false;
}

std::string SystemLog::framed(const std::string& line) const {
  const std::time_t now = std::time(nullptr);
  std::tm local = {};
  localtime_r(&now, &local);
  std::array<char, 32> when = {};
  std::strftime(when.data(), when.size(), "%b %e %T", &local);
  std::string text = fmt::format("<{}>{} {}: {}", priority_, when.data(), identity_, line);
  if (is_stream_) text += '\0';
  return text;
}

}  // namespace logging
