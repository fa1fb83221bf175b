#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace net {

/// "epmd (process 42)": who listens on a TCP port of this host, as far as /proc shows us. Empty if
/// it shows nobody, because that process is another user's, or in another container.
std::string port_holder(uint16_t port);

/// Whether one of `words` is on the command line of that process. False if it is not known.
bool holder_has_word(uint16_t port, const std::vector<std::string_view>& words);

}  // namespace net
