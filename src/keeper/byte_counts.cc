#include "keeper/byte_counts.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>

namespace keeper {
namespace {

/// The kernel's struct tcp_info, up to what is read here: the C library's ends before.
/// <linux/tcp.h> has all of it, and cannot be included together with <netinet/tcp.h>.
struct KernelTcpInfo {
  uint8_t state;
  std::array<uint8_t, 7> flags;
  std::array<uint32_t, 24> numbers;
  std::array<uint64_t, 3> rates;
  uint64_t bytes_received;
  std::array<uint32_t, 2> segments;
  uint32_t bytes_not_sent;
  std::array<uint32_t, 3> data_segments;
  std::array<uint64_t, 4> times;
  std::array<uint32_t, 2> delivered;
  uint64_t bytes_sent;
  uint64_t bytes_sent_again;
};
static_assert(offsetof(KernelTcpInfo, bytes_received) == 128);
static_assert(offsetof(KernelTcpInfo, bytes_not_sent) == 144);
static_assert(offsetof(KernelTcpInfo, bytes_sent) == 200 && sizeof(KernelTcpInfo) == 216);

/// A FIN has come. It counts as a byte that was received.
bool has_fin(uint8_t state) {
  return state == TCP_CLOSE_WAIT || state == TCP_LAST_ACK || state == TCP_CLOSING;
}

uint64_t unread_bytes(int descriptor) {
  int bytes = 0;
  return ioctl(descriptor, SIOCINQ, &bytes) == 0 ? static_cast<uint64_t>(bytes) : 0;
}

}  // namespace

std::optional<ByteCounts> byte_counts(int descriptor) {
  KernelTcpInfo info = {};
  socklen_t size = sizeof info;
  if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 || size < sizeof info)
    return std::nullopt;
  const uint64_t not_read = unread_bytes(descriptor) + (has_fin(info.state) ? 1 : 0);
  return ByteCounts{info.bytes_sent - info.bytes_sent_again + info.bytes_not_sent,
                    info.bytes_received - not_read};
}

}  // namespace keeper
