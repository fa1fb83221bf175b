#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/descriptor.h"
#include "net/address.h"

namespace net {

/// A connection to an EPMD for somebody who has nothing else to do: it blocks, but never past its
/// deadline. The daemon itself never uses it.
class BlockingClient {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  static base::Result<BlockingClient> connect(const Address& address, Deadline deadline);

  base::Result<base::Done> send(std::string_view request);
  /// The next bytes; none when the other side has closed.
  base::Result<std::string> receive();
  /// Bytes until there are `bytes_max`, or the other side has closed.
  base::Result<std::string> receive_at_most(size_t bytes_max);
  const Address& address() const { return address_; }
  /// Of the socket; it stays the client's.
  int descriptor() const { return socket_.get(); }
  bool is_overdue() const { return std::chrono::steady_clock::now() >= deadline_; }

 private:
  BlockingClient(event::Descriptor socket, const Address& address, Deadline deadline);
  base::Error error(std::string_view tried, int error_number) const;
  base::Result<base::Done> wait(short events, std::string_view tried) const;

  event::Descriptor socket_;
  Address address_;
  Deadline deadline_;
};

/// The addresses of a host, or of a numeric address, in the system's order of preference. It asks
/// the system's resolver, whose time-outs are its own. The number of an error is getaddrinfo's,
/// which is below 0.
base::Result<std::vector<Address>> resolve(const std::string& host, uint16_t port);

}  // namespace net
