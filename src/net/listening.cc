#include "net/listening.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <variant>

#include "base/number.h"
#include "net/systemd.h"

namespace net {
namespace {

using Step = ListenFault::Step;
using Attempt = std::variant<event::Descriptor, ListenFault>;

void set_on(int descriptor, int level, int option) {
  const int on = 1;
  setsockopt(descriptor, level, option, &on, sizeof on);
}

/// As the reference does: SO_REUSEADDR, IPv6 sockets for IPv6 only, the longest backlog.
Attempt try_listening(const Address& address) {
  const auto fault = [&](Step step) { return ListenFault{step, address, errno}; };
  event::Descriptor socket(
      ::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) return fault(Step::socket);
  set_on(socket.get(), SOL_SOCKET, SO_REUSEADDR);
  if (address.family() == AF_INET6) set_on(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY);
  if (bind(socket.get(), address.get(), address.size()) != 0) return fault(Step::bind);
  if (listen(socket.get(), SOMAXCONN) != 0) return fault(Step::listen);
  return socket;
}

/// Closed: none of them listens there.
event::Descriptor take(const Address& address, std::vector<ListeningSocket>& handed) {
  const auto found = std::find_if(handed.begin(), handed.end(), [&](const auto& each) {
    const bool is_port = address.port() == 0 || address.port() == each.address.port();
    return is_port && each.address.family() == address.family() && each.address.same_host(address);
  });
  if (found == handed.end()) return {};
  event::Descriptor taken = std::move(found->descriptor);
  handed.erase(found);
  return taken;
}

bool family_is_missing(const ListenFault& fault) {
  return fault.step == Step::socket &&
         (fault.error_number == EAFNOSUPPORT || fault.error_number == EPROTONOSUPPORT);
}

bool may_skip(const ListenAddress& planned, const ListenFault& fault) {
  return !fault.is_in_use() && (planned.is_implicit || family_is_missing(fault));
}

/// Nothing: it is not set. Zero: it is not a positive number.
std::optional<int> number_in_environment(const char* name) {
  const char* const text = std::getenv(name);
  if (!text) return std::nullopt;
  return std::max(0, base::parse_number<int>(text).value_or(0));
}

base::Error wrong_variable(const char* name) {
  return {std::string("systemd's ") + name + " is not what sd_listen_fds(3) says it is"};
}

}  // namespace

bool ListenFault::is_in_use() const { return error_number == EADDRINUSE; }

bool is_out_of_descriptors(int error_number) {
  return error_number == EMFILE || error_number == ENFILE || error_number == ENOBUFS ||
         error_number == ENOMEM;
}

bool is_waited_for(int listening) {
  pollfd waiting = {listening, POLLIN, 0};
  return poll(&waiting, 1, 0) > 0;
}

Listening listen_on(const std::vector<ListenAddress>& plan) {
  std::vector<ListeningSocket> none;
  return listen_on(plan, none);
}

Listening listen_on(const std::vector<ListenAddress>& plan, std::vector<ListeningSocket>& handed) {
  Listening listening;
  uint16_t port = plan.empty() ? uint16_t{0} : plan.front().address.port();
  for (const ListenAddress& planned : plan) {
    Address address = planned.address;
    address.set_port(port);
    event::Descriptor taken = take(address, handed);
    Attempt attempt = taken.is_open() ? Attempt(std::move(taken)) : try_listening(address);
    if (const auto* const fault = std::get_if<ListenFault>(&attempt)) {
      if (may_skip(planned, *fault)) {
        listening.skipped.push_back(*fault);
        continue;
      }
      listening.sockets.clear();
      listening.fault = *fault;
      return listening;
    }
    event::Descriptor& socket = std::get<event::Descriptor>(attempt);
    const Address bound = Address::of_socket(socket.get()).value_or(address);
    port = bound.port();
    listening.sockets.push_back({std::move(socket), bound});
  }
  return listening;
}

std::vector<ListeningSocket> listening_among(const std::vector<int>& descriptors) {
  std::vector<ListeningSocket> sockets;
  for (const int number : descriptors) {
    int listens = 0;
    socklen_t size = sizeof listens;
    if (getsockopt(number, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0)
      continue;
    const auto address = Address::of_socket(number);
    if (address && (address->family() == AF_INET || address->family() == AF_INET6))
      sockets.push_back({event::Descriptor(number), *address});
  }
  return sockets;
}

base::Result<std::vector<ListeningSocket>> inherited_sockets() {
  constexpr int descriptor_first = 3;
  std::vector<ListeningSocket> sockets;
  const std::optional<int> process = number_in_environment("LISTEN_PID");
  if (!process) return sockets;
  if (*process == 0) return wrong_variable("LISTEN_PID");
  const std::optional<int> count = number_in_environment("LISTEN_FDS");
  if (*process != getpid() || !count) return sockets;
  if (*count == 0) return wrong_variable("LISTEN_FDS");
  const std::vector<std::string_view> names = given_names();
  for (int number = descriptor_first; number < descriptor_first + *count; ++number) {
    const auto at = static_cast<size_t>(number - descriptor_first);
    if (at < names.size() && names[at].starts_with(stored_prefix)) continue;
    if (fcntl(number, F_SETFD, FD_CLOEXEC) != 0) return wrong_variable("LISTEN_FDS");
    const Address address = Address::of_socket(number).value_or(Address{});
    sockets.push_back({event::Descriptor(number), address});
  }
  return sockets;
}

}  // namespace net
