#pragma once

#include <cstdint>
#include <string>

namespace net {

/// "epmd (process 42)": who listens on a TCP port of this host, as far as /proc shows us. Empty if
/// it shows nobody, because that process is another user's, or in another container.
std::string port_holder(uint16_t port);

}  // namespace net
