#include "keeper/byte_counts.h"

// The C library's <netinet/tcp.h> lacks these fields, and the two cannot be included together.
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstddef>

namespace keeper {
namespace {

/// tcpi_state, as the kernel numbers it: a FIN has come. It counts as a byte that was received.
bool has_fin(uint8_t state) {
  constexpr uint8_t close_wait = 8;
  constexpr uint8_t last_ack = 9;
  constexpr uint8_t closing = 11;
  return state == close_wait || state == last_ack || state == closing;
}

uint64_t unread_bytes(int descriptor) {
  int bytes = 0;
  return ioctl(descriptor, SIOCINQ, &bytes) == 0 ? static_cast<uint64_t>(bytes) : 0;
}

}  // namespace

std::optional<ByteCounts> byte_counts(int descriptor) {
  tcp_info info = {};
  socklen_t size = sizeof info;
  constexpr size_t needed = offsetof(tcp_info, tcpi_bytes_retrans) + sizeof info.tcpi_bytes_retrans;
  if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 || size < needed)
    return std::nullopt;
  const uint64_t not_read = unread_bytes(descriptor) + (has_fin(info.tcpi_state) ? 1 : 0);
  return ByteCounts{info.tcpi_bytes_sent - info.tcpi_bytes_retrans + info.tcpi_notsent_bytes,
                    info.tcpi_bytes_received - not_read};
}

}  // namespace keeper
