#pragma once

#include <string_view>

namespace net {

/// Tells the service manager the daemon's state, as sd_notify(3) says: lines such as "READY=1".
/// Does nothing when NOTIFY_SOCKET names no socket.
void notify_service_manager(std::string_view state);

}  // namespace net
