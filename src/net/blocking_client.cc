#include "net/blocking_client.h"

#include <fmt/core.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "net/tcp_exchange.h"

namespace net {
namespace {

using base::Done;
using base::Error;
using base::Result;

int milliseconds_left(BlockingClient::Deadline deadline) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<int64_t>(left.count(), 0, 1 << 30));
}

}  // namespace

BlockingClient::BlockingClient(event::Descriptor socket, const Address& address, Deadline deadline)
    : socket_(std::move(socket)), address_(address), deadline_(deadline) {}

Result<BlockingClient> BlockingClient::connect(const Address& address, Deadline deadline) {
  event::Descriptor socket(
      ::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  BlockingClient client(std::move(socket), address, deadline);
  const int descriptor = client.socket_.get();
  const bool is_begun =
      descriptor >= 0 &&
      (::connect(descriptor, address.get(), address.size()) == 0 || errno == EINPROGRESS);
  if (!is_begun) return client.error("connect to", errno);
  if (const auto ready = client.wait(POLLOUT, "connect to"); !ready) return ready.error();
  if (const int failed = connect_error(descriptor)) return client.error("connect to", failed);
  return client;
}

Result<Done> BlockingClient::send(std::string_view request) {
  while (!request.empty()) {
    const ssize_t count = ::send(socket_.get(), request.data(), request.size(), MSG_NOSIGNAL);
    if (count >= 0) {
      request.remove_prefix(static_cast<size_t>(count));
    } else if (errno == EAGAIN) {
      if (auto ready = wait(POLLOUT, "write to"); !ready) return ready;
    } else if (errno != EINTR) {
      return error("write to", errno);
    }
  }
  return Done{};
}

Result<std::string> BlockingClient::receive() {
  std::array<char, 65536> buffer;  // NOLINT: filled by recv
  while (true) {
    const ssize_t count = recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (count >= 0) return std::string(buffer.data(), static_cast<size_t>(count));
    if (errno == EAGAIN) {
      if (const auto ready = wait(POLLIN, "read from"); !ready) return ready.error();
    } else if (errno != EINTR) {
      return error("read from", errno);
    }
  }
}

Result<std::string> BlockingClient::receive_at_most(size_t bytes_max) {
  std::string received;
  while (received.size() < bytes_max) {
    Result<std::string> more = receive();
    if (!more) return more;
    if (more->empty()) break;
    received += *more;
  }
  received.resize(std::min(received.size(), bytes_max));
  return received;
}

Error BlockingClient::error(std::string_view tried, int error_number) const {
  return {fmt::format("cannot {} {}: {}", tried, address_.to_string(), std::strerror(error_number)),
          error_number};
}

Result<Done> BlockingClient::wait(short events, std::string_view tried) const {
  pollfd waited = {socket_.get(), events, 0};
  int ready = 0;
  do ready = poll(&waited, 1, milliseconds_left(deadline_));
  while (ready < 0 && errno == EINTR);
  if (ready == 0) return error(tried, ETIMEDOUT);
  return Done{};
}

Result<std::vector<Address>> resolve(const std::string& host, uint16_t port) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int status = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (status != 0)
    return Error{fmt::format("cannot resolve '{}': {}", host, gai_strerror(status)), status};
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);
  std::vector<Address> addresses;
  for (const addrinfo* each = found; each; each = each->ai_next) {
    sockaddr_storage storage = {};
    std::memcpy(&storage, each->ai_addr, each->ai_addrlen);
    addresses.push_back(Address::from(storage));
    addresses.back().set_port(port);
  }
  return addresses;
}

}  // namespace net
