#include "net/passing.h"

#include <sys/socket.h>

#include <array>
#include <cstring>

namespace net {
namespace {

using Control = std::array<char, CMSG_SPACE(descriptors_max * sizeof(int))>;

}  // namespace

bool send_with_descriptors(int to, std::string_view text, std::span<const int> descriptors) {
  alignas(cmsghdr) Control control = {};
  iovec part = {const_cast<char*>(text.data()), text.size()};  // NOLINT: it is only read
  msghdr message = {nullptr, 0, &part, 1, nullptr, 0, 0};
  if (!descriptors.empty()) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(descriptors.size_bytes());
    std::memcpy(CMSG_DATA(header), descriptors.data(), descriptors.size_bytes());
  }
  return sendmsg(to, &message, MSG_NOSIGNAL) >= 0;
}

bool receive_descriptors(int from, std::vector<int>& descriptors) {
  alignas(cmsghdr) Control control = {};
  std::array<char, 64> text = {};
  iovec part = {text.data(), text.size()};
  msghdr message = {nullptr, 0, &part, 1, control.data(), control.size(), 0};
  if (recvmsg(from, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) <= 0) return false;
  for (cmsghdr* each = CMSG_FIRSTHDR(&message); each; each = CMSG_NXTHDR(&message, each)) {
    if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_RIGHTS) continue;
    const size_t before = descriptors.size();
    const size_t bytes = each->cmsg_len - CMSG_LEN(0);
    descriptors.resize(before + bytes / sizeof(int));
    std::memcpy(&descriptors[before], CMSG_DATA(each), bytes);
  }
  return true;
}

}  // namespace net
