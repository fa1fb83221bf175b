#pragma once

#include <sys/types.h>

#include "base/result.h"
#include "net/sock_diag.h"

namespace net {

/// The user of the process that has the other end of a TCP connection within this host: the user
/// that it had when it connected, or accepted the connection.
///
/// The kernel is asked (sock_diag), and where it does not answer, its table is read
/// (socket_table). An error says why the user is not known: the other end is on another host, or in
/// another network namespace, or closed; or the kernel tells nothing; or the user's number here is
/// that of several users (user_namespaces(7)).
base::Result<uid_t> peer_user(int descriptor);

/// The users whose processes listen on a port, for many ports: the kernel is asked once for all.
class Listeners {
 public:
  Listeners();
  /// A user who listens on the port and is not `expected`, if there is one, else `expected`. An
  /// error says why it is not known.
  base::Result<uid_t> user_of(uint16_t port, uid_t expected) const;

 private:
  base::Result<ListenerUsers> users_;
};

}  // namespace net
