#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace net {

/// As many descriptors as one message may carry (unix(7): SCM_MAX_FD).
inline constexpr size_t descriptors_max = 253;

/// Sends a text over a connected Unix socket of messages, with copies of descriptors. False: it
/// was not sent.
bool send_with_descriptors(int to, std::string_view text, std::span<const int> descriptors);

/// Takes one message, and adds the descriptors that came with it, which are ours then. Never waits;
/// false: there is none.
bool receive_descriptors(int from, std::vector<int>& descriptors);

}  // namespace net
