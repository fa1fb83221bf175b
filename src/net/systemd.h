#pragma once

#include <string_view>
#include <vector>

namespace net {

/// Whether somebody wants to be told (NOTIFY_SOCKET).
bool has_service_manager();

/// Tells the service manager the daemon's state, as sd_notify(3) says: lines such as "READY=1". It
/// gets copies of the descriptors. Does nothing when NOTIFY_SOCKET names no socket.
void notify_service_manager(std::string_view state, const std::vector<int>& descriptors = {});

/// The descriptors that it has given to this process under a name (LISTEN_FDNAMES, as
/// sd_listen_fds_with_names(3) says).
std::vector<int> given_as(std::string_view name);

/// What stands before the names that we give, whose descriptors are none to listen on.
inline constexpr std::string_view stored_prefix = "portolan-";

/// The names of all that were given to this process. The first has the number 3.
std::vector<std::string_view> given_names();

}  // namespace net
