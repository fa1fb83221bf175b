#include "keeper/store.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>

#include "net/passing.h"
#include "net/systemd.h"

namespace keeper {
namespace {

constexpr std::string_view memory_name = "portolan-memory";
constexpr std::string_view pair_name = "portolan-sockets";

}  // namespace

StoredPair offer_to_store(int memory) {
  std::array<int, 2> ends = {};
  if (!net::has_service_manager()) return {};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0)
    return {};
  const auto name = [](std::string_view is) {
    return std::string("FDSTORE=1\nFDNAME=").append(is);
  };
  net::notify_service_manager(name(memory_name), {memory});
  net::notify_service_manager(name(pair_name), {ends[0], ends[1]});
  return {ends[0], ends[1]};
}

bool put_into(const StoredPair& pair, const std::vector<int>& sockets) {
  for (std::span<const int> left = sockets; !left.empty();) {
    const std::span<const int> some = left.first(std::min(left.size(), net::descriptors_max));
    if (!net::send_with_descriptors(pair.in, "s", some)) return false;
    left = left.subspan(some.size());
  }
  return true;
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
