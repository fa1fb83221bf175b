#include "keeper/store.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "net/passing.h"
#include "net/systemd.h"

namespace keeper {
namespace {

constexpr std::string_view memory_name = "portolan-memory";
constexpr std::string_view pair_name = "portolan-sockets";

void store(std::string_view name, const std::vector<int>& descriptors) {
  if (descriptors.empty()) return;
  net::notify_service_manager(std::string("FDSTORE=1\nFDNAME=").append(name), descriptors);
}

}  // namespace

StoredPair offer_to_store(int memory) {
  std::array<int, 2> ends = {};
  if (!net::has_service_manager()) return {};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0)
    return {};
  store(memory_name, {memory});
  store(pair_name, {ends[0], ends[1]});
  store(taken_port, net::given_as(taken_port));
  return {ends[0], ends[1]};
}

size_t put_into(const StoredPair& pair, std::span<const int> sockets) {
  std::span<const int> left = sockets;
  // The kernel limits how many may be on their way: where many do not fit, some may.
  for (size_t most = net::descriptors_max; !left.empty() && most > 0;) {
    const std::span<const int> some = left.first(std::min(left.size(), most));
    if (net::send_with_descriptors(pair.in, "s", some))
      left = left.subspan(some.size());
    else
      most /= 2;
  }
  return sockets.size() - left.size();
}

std::optional<Stored> take_stored() {
  const std::vector<int> memory = net::given_as(memory_name);
  const std::vector<int> ends = net::given_as(pair_name);
  if (memory.size() != 1 || ends.size() != 2) return std::nullopt;
  Stored stored = {memory.front(), {ends[0], ends[1]}};
  // Which of them is which, the manager does not tell: what was sent into one comes out of the
  // other.
  for (const int end : ends)
    while (net::receive_descriptors(end, stored.sockets)) continue;
  return stored;
}

}  // namespace keeper
