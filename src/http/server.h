#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string_view>
#include <vector>

#include "http/connection.h"
#include "http/limits.h"
#include "net/acceptor.h"

namespace http {

/// Answers over HTTP on the loop, to anybody who can reach its sockets, and keeps those who are
/// slow or mean from harming anybody else: few connections, little time, little memory for each.
/// Where all places are taken, whoever has not asked for longest makes room.
class Server final : private Connection::Owner {
 public:
  using Limits = http::Limits;
  /// May answer later: it is asked again until it does.
  using Handler = std::function<Response(const Request&)>;
  struct Counts {
    uint64_t accepted = 0;
    uint64_t evicted = 0;    // made room
    uint64_t timed_out = 0;  // a request that was not whole in time, or an answer not taken
    uint64_t refused = 0;    // streams over the limit, and connections where nobody made room
  };

  /// The loop outlives it.
  Server(event::Loop& loop, Limits limits, std::vector<net::ListeningSocket> sockets,
         Handler handler);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// To all whose answers go on.
  void stream(std::string bytes);
  size_t streams() const { return streams_; }
  size_t connections() const { return connections_.size(); }
  const Counts& counts() const { return counts_; }

 private:
  void accept_some(int listening);
  bool accept_one(int listening);
  void keep(event::Descriptor socket);
  bool make_room();
  void drop_slow_readers(const Connection& but);

  Response respond(const Request& request) override;
  void on_asked(Connection& connection) override;
  void on_too_slow(Connection& connection) override;
  void on_far_behind(Connection& connection) override;
  void erase(Connection& connection) override;

  event::Loop& loop_;
  Limits limits_;
  Handler handler_;
  Counts counts_ = {};
  size_t streams_ = 0;
  HeldTexts held_ = {};  // by connections, which go before it does
  event::PollSet polled_;
  /// Those that asked last are the last.
  std::list<std::unique_ptr<Connection>> connections_ = {};
  net::Acceptor acceptor_;
};

}  // namespace http
