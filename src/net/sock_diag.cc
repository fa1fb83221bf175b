#include "net/sock_diag.h"

#include <fmt/core.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "event/descriptor.h"

namespace net {

using base::Error;
using base::Result;

const int no_such_socket = ENOTCONN;

namespace {

Error netlink_error(int number) {
  return {fmt::format("NETLINK_SOCK_DIAG: {}", std::strerror(number)), number};
}

struct DiagRequest {
  nlmsghdr header;
  inet_diag_req_v2 request;
};

DiagRequest query_for(unsigned family, unsigned state, unsigned flags) {
  DiagRequest query = {};
  query.header.nlmsg_len = sizeof query;
  query.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  query.header.nlmsg_flags = static_cast<uint16_t>(NLM_F_REQUEST | flags);
  query.request.sdiag_family = static_cast<uint8_t>(family);
  query.request.sdiag_protocol = IPPROTO_TCP;
  query.request.idiag_states = 1U << state;
  query.request.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
  query.request.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  return query;
}

DiagRequest query_for(const Ends& ends) {
  const std::string_view own = kept_bytes(ends.own);
  const std::string_view peer = kept_bytes(ends.peer);
  DiagRequest query =
      query_for(own.size() == ipv4_host_bytes ? AF_INET : AF_INET6, TCP_ESTABLISHED, 0);
  inet_diag_sockid& id = query.request.id;
  id.idiag_sport = htons(ends.own.port());
  id.idiag_dport = htons(ends.peer.port());
  std::memcpy(id.idiag_src, own.data(), own.size());
  std::memcpy(id.idiag_dst, peer.data(), peer.size());
  return query;
}

/// A question to the kernel, and its answer a message at a time.
class Inquirer {
 public:
  /// 0, or the system's number for what went wrong.
  int ask(const DiagRequest& query) {
    if (!socket_.is_open()) return errno;
    sockaddr_nl kernel = {};
    kernel.nl_family = AF_NETLINK;
    const auto* const to = reinterpret_cast<const sockaddr*>(&kernel);
    return sendto(socket_.get(), &query, sizeof query, 0, to, sizeof kernel) < 0 ? errno : 0;
  }

  /// Hands each socket that is told to `take`, until the end. The same result.
  template <typename Take>
  int hear(Take take) {
    for (;;) {
      // The kernel answers within these calls; there is nothing to wait for.
      const ssize_t count = recv(socket_.get(), buffer_.data(), buffer_.size(), 0);
      if (count <= 0) return count < 0 ? errno : EPROTO;
      auto left = static_cast<unsigned>(count);
      for (auto* message = reinterpret_cast<const nlmsghdr*>(buffer_.data());
           NLMSG_OK(message, left); message = NLMSG_NEXT(message, left)) {
        if (message->nlmsg_type == NLMSG_DONE) return 0;
        if (message->nlmsg_type == NLMSG_ERROR) return error_in(*message);
        if (message->nlmsg_len < NLMSG_LENGTH(sizeof(inet_diag_msg))) return EPROTO;
        take(*static_cast<const inet_diag_msg*>(NLMSG_DATA(message)));
        if ((message->nlmsg_flags & NLM_F_MULTI) == 0) return 0;
      }
    }
  }

 private:
  static int error_in(const nlmsghdr& message) {
    if (message.nlmsg_len < NLMSG_LENGTH(sizeof(nlmsgerr))) return EPROTO;
    return -static_cast<const nlmsgerr*>(NLMSG_DATA(&message))->error;
  }

  event::Descriptor socket_{
      ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG)};
  alignas(nlmsghdr) std::array<char, 16384> buffer_;  // NOLINT: filled by recv
};

}  // namespace

std::string_view kept_bytes(const Address& address) {
  const std::string_view bytes = address.host_bytes();
  return bytes.starts_with(ipv4_mapped_prefix) ? bytes.substr(ipv4_mapped_prefix.size()) : bytes;
}

Error no_such_socket_error() {
  return {"no process in this network namespace has the other end", no_such_socket};
}

Result<uid_t> user_if_connected(unsigned state, uint64_t inode, uid_t user) {
  if (state != TCP_ESTABLISHED || inode == 0) return no_such_socket_error();
  return user;
}

Result<uid_t> sock_diag::user_of(const Ends& ends) {
  Inquirer inquirer;
  if (const int failed = inquirer.ask(query_for(ends))) return netlink_error(failed);
  Result<uid_t> user = no_such_socket_error();
  const int failed = inquirer.hear([&user](const inet_diag_msg& told) {
    user = user_if_connected(told.idiag_state, told.idiag_inode, told.idiag_uid);
  });
  // ENOENT is also what a kernel says that cannot look for TCP's sockets.
  if (failed == ENOENT) return no_such_socket_error();
  return failed ? netlink_error(failed) : user;
}

Result<ListenerUsers> sock_diag::listeners() {
  ListenerUsers users;
  for (const int family : {AF_INET, AF_INET6}) {
    Inquirer inquirer;
    int failed = inquirer.ask(query_for(static_cast<unsigned>(family), TCP_LISTEN, NLM_F_DUMP));
    if (failed == 0)
      failed = inquirer.hear([&users](const inet_diag_msg& told) {
        users[ntohs(told.id.idiag_sport)].insert(told.idiag_uid);
      });
    const bool is_just_absent = family == AF_INET6 && failed == ENOENT;  // a kernel without IPv6
    if (failed != 0 && !is_just_absent) return netlink_error(failed);
  }
  return users;
}

}  // namespace net
