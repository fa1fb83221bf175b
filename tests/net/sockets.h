#pragma once

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <utility>

#include "catch.h"
#include "event/descriptor.h"
#include "net/address.h"
#include "net/listening.h"

/// A socket that listens on loopback, at a port of the kernel's choice.
inline net::ListeningSocket listen_on_loopback(std::string_view host = "127.0.0.1") {
  net::Listening listening = net::listen_on({{*net::Address::parse(host, 0), false}});
  REQUIRE(listening.sockets.size() == 1);
  return std::move(listening.sockets.front());
}

/// The far end of a connection, as a test plays it: it never waits.
class FakePeer {
 public:
  explicit FakePeer(int family = AF_INET) : socket_(::socket(family, SOCK_STREAM, 0)) {
    REQUIRE(socket_.is_open());
  }
  explicit FakePeer(const net::Address& address) : FakePeer(address.family()) { connect(address); }

  /// Small, so that a reply stays unsent; before connecting.
  void receive_at_most(int bytes) {
    setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  }
  /// To a socket that listens: the kernel accepts, so this does not wait.
  void connect(const net::Address& address) {
    REQUIRE(::connect(socket_.get(), address.get(), address.size()) == 0);
    fcntl(socket_.get(), F_SETFL, O_NONBLOCK);
  }
  void send(std::string_view bytes) {
    const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    is_refused_ = sent != static_cast<ssize_t>(bytes.size());
  }
  void half_close() { shutdown(socket_.get(), SHUT_WR); }
  void close() { socket_ = event::Descriptor(); }
  /// Closes so that the other side sees its connection broken.
  void reset() {
    const linger at_once = {1, 0};
    setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
  }

  /// Takes what has arrived.
  void read() {
    std::array<char, 65536> buffer;  // NOLINT: filled by recv
    while (is_open() && !has_ended()) {
      const ssize_t count = recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (count < 0 && errno == EAGAIN) return;
      if (count > 0)
        received.append(buffer.data(), static_cast<size_t>(count));
      else if (count == 0)
        is_finished = true;
      else
        is_broken = true;
    }
  }
  /// Whether the other side has closed, in whatever way.
  bool has_ended() const { return is_finished || is_broken; }
  bool is_open() const { return socket_.is_open(); }
  int descriptor() const { return socket_.get(); }

  std::string received = {};
  bool is_finished = false;  // saw the end
  bool is_broken = false;    // saw a reset

 private:
  event::Descriptor socket_;
  bool is_refused_ = false;
};

/// Both ends of a connection over loopback; the near one is non-blocking, as an accepted socket is.
struct Pair {
  Pair() : Pair(listen_on_loopback()) {}

  FakePeer far;
  event::Descriptor near;

 private:
  explicit Pair(const net::ListeningSocket& listening)
      : far(listening.address),
        near(accept4(listening.descriptor.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) {
    REQUIRE(near.is_open());
  }
};
