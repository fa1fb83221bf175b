#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "event/loop.h"
#include "event/turn.h"
#include "fake_event_sink.h"
#include "net/sockets.h"
#include "server/server.h"

/// For what depends on time: again and again until an attempt was not disturbed, which is for it to
/// say. On a busy machine time passes between any two lines.
template <typename Attempt>
void undisturbed(Attempt attempt) {
  for (int i = 0; i < 50; ++i)
    if (attempt()) return;
  FAIL("this machine is never quick enough to tell");
}

/// A server with all that belongs to it, on a loop that turns while a test waits for something.
class LiveDaemon {
 public:
  explicit LiveDaemon(server::Server::Policy policy = {},
                      size_t texts_bytes_max = epmd::Listing::bytes_max_default)
      : listing(registry, 4369, texts_bytes_max) {
    std::vector<net::ListeningSocket> sockets;
    sockets.push_back(listen_on_loopback());
    address = sockets.front().address;
    server = std::make_unique<server::Server>(loop, service, std::move(policy), std::move(sockets),
                                              [this] { is_shut_down = true; });
  }

  /// Turns the loop until something is so; false if it does not come about.
  template <typename Condition>
  bool serves_until(Condition condition, std::chrono::seconds timeout = std::chrono::seconds(20)) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      loop.run_ready();
      rest(loop);
    }
    return true;
  }
  /// Until the peer has received this and the connection is still open.
  bool answers(FakePeer& peer, std::string_view expected) {
    return serves_until([&] { return has_answer(peer, expected.size()); }) &&
           peer.received == expected && !peer.has_ended();
  }
  bool ends(FakePeer& peer) {
    return serves_until([&] { return peer.read(), peer.has_ended(); });
  }
  bool has(epmd::EventKind kind, size_t count = 1) {
    return serves_until([&] { return event_sink.count(kind) >= count; });
  }
  /// Until that many connections wait for something.
  bool keeps(size_t count) {
    return serves_until([&] { return server->connections() == count; });
  }

  static bool has_answer(FakePeer& peer, size_t bytes) {
    peer.read();
    return peer.received.size() >= bytes || peer.has_ended();
  }

  /// All that a request is answered with before the daemon closes.
  std::string ask(std::string_view request) {
    FakePeer peer(address);
    peer.send(request);
    return ends(peer) ? peer.received : "no end";
  }
  /// Registers a name over a connection that stays open.
  bool registers(FakePeer& peer, const std::string& request) {
    peer.send(request);
    return serves_until([&] { return has_answer(peer, 6); }) &&
           peer.received.starts_with(std::string_view("v\0", 2));
  }

  FakeEventSink event_sink = {};
  uint32_t next_fresh = 900;
  epmd::Registry registry{event_sink, [this] { return next_fresh += 100; }};
  epmd::Listing listing;
  epmd::Service service{registry, listing, event_sink};
  event::Loop loop;
  net::Address address = {};
  bool is_shut_down = false;
  std::unique_ptr<server::Server> server;
};
