#include "net/systemd.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "base/number.h"
#include "event/descriptor.h"
#include "net/passing.h"

namespace net {

namespace {

constexpr int descriptor_first = 3;

event::Descriptor connected_to(const sockaddr_un& address, socklen_t size) {
  event::Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const auto* const to = reinterpret_cast<const sockaddr*>(&address);
  return connect(socket.get(), to, size) == 0 ? std::move(socket) : event::Descriptor();
}

/// Closed: there is none.
event::Descriptor connect_to_manager() {
  const char* const path = std::getenv("NOTIFY_SOCKET");
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  const size_t length = path ? std::strlen(path) : 0;
  if (length == 0 || length >= sizeof address.sun_path) return {};
  std::memcpy(address.sun_path, path, length);
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';  // an abstract name
  return connected_to(address, static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length));
}

bool is_for_us() {
  const char* const process = std::getenv("LISTEN_PID");
  return process && base::parse_number<pid_t>(process) == getpid();
}

}  // namespace

bool has_service_manager() { return std::getenv("NOTIFY_SOCKET") != nullptr; }

void notify_service_manager(std::string_view state, const std::vector<int>& descriptors) {
  const event::Descriptor manager = connect_to_manager();
  if (manager.is_open()) send_with_descriptors(manager.get(), state, descriptors);
}

std::vector<std::string_view> given_names() {
  std::vector<std::string_view> names;
  const char* const text = std::getenv("LISTEN_FDNAMES");
  if (!text || !is_for_us()) return names;
  for (std::string_view left = text;;) {
    const size_t end = left.find(':');
    names.push_back(left.substr(0, end));
    if (end == std::string_view::npos) return names;
    left.remove_prefix(end + 1);
  }
}

std::vector<int> given_as(std::string_view name) {
  std::vector<int> found;
  const std::vector<std::string_view> names = given_names();
  for (size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) found.push_back(descriptor_first + static_cast<int>(i));
  return found;
}

}  // namespace net
