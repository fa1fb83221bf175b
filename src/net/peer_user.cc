#include "net/peer_user.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/nsfs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <fstream>

#include "event/descriptor.h"

namespace net {
namespace {

using base::Error;
using base::Result;

/// The number of each user that has none in our user namespace.
uid_t overflow_user() {
  uid_t user = 65534;
  std::ifstream("/proc/sys/kernel/overflowuid") >> user;
  return user;
}

/// Whether only users who have a number in our user namespace can be in our network namespace, as
/// it was made within the user namespace.
bool are_all_users_known() {
  const event::Descriptor network(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!network.is_open()) return false;
  const event::Descriptor owner(ioctl(network.get(), NS_GET_USERNS));
  struct stat owners = {};
  struct stat own = {};
  return owner.is_open() && fstat(owner.get(), &owners) == 0 &&
         stat("/proc/self/ns/user", &own) == 0 && owners.st_dev == own.st_dev &&
         owners.st_ino == own.st_ino;
}

Result<uid_t> unless_ambiguous(uid_t user) {
  if (user != overflow_user() || are_all_users_known()) return user;
  return Error{fmt::format(
      "its number here, {}, is that of every user who has none in this user namespace", user)};
}

Error both(const Error& first, const Error& second) {
  return {first.message + "; " + second.message, second.number};
}

Result<uid_t> look_up(const Ends& ends) {
  auto first = sock_diag::user_of(ends);
  if (first) return first;
  auto second = socket_table::user_of(ends);
  if (second || second.error().number == no_such_socket) return second;
  return both(first.error(), second.error());
}

Result<ListenerUsers> look_up_listeners() {
  auto first = sock_diag::listeners();
  if (first) return first;
  auto second = socket_table::listeners();
  if (second) return second;
  return both(first.error(), second.error());
}

}  // namespace

Result<uid_t> peer_user(int descriptor) {
  const auto near = Address::of_socket(descriptor);
  const auto far = Address::of_peer(descriptor);
  if (!near || !far) return Error{"the connection has ended"};
  const auto user = look_up({*far, *near});
  return user ? unless_ambiguous(*user) : user;
}

Listeners::Listeners() : users_(look_up_listeners()) {}

Result<uid_t> Listeners::user_of(uint16_t port, uid_t expected) const {
  if (!users_) return users_.error();
  const auto found = users_->find(port);
  if (found == users_->end()) return Error{"no process in this network namespace listens there"};
  for (const uid_t user : found->second)
    if (user != expected) return user;
  return unless_ambiguous(expected);
}

}  // namespace net
