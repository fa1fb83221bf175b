#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string_view>
#include <vector>

#include "http/connection.h"
#include "net/acceptor.h"

namespace http {

/// Answers over HTTP on the loop, to anybody who can reach its sockets, and keeps those who are
/// slow or mean from harming anybody else: few connections, little time, little memory for each.
/// Where all places are taken, whoever has not asked for longest makes room.
class Server {
 public:
  struct Limits {
    size_t connections_max = 256;
    /// Of these, answers that go on: they make no room for others.
    size_t streams_max = 64;
    /// For a whole request, from its first byte on.
    std::chrono::milliseconds request_timeout = std::chrono::seconds(5);
    /// For an answer to be taken.
    std::chrono::milliseconds answer_timeout = std::chrono::seconds(30);
    /// Between requests.
    std::chrono::milliseconds idle_timeout = std::chrono::seconds(60);
    /// Memory of answers that are not taken, all together: beyond, the slowest readers go.
    size_t unsent_bytes_all_max = size_t{32} << 20;
    /// A reader of a stream may be behind by so much.
    size_t unsent_bytes_max = size_t{1} << 20;
  };
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
  friend class Connection;

  void accept_some(int listening);
  bool accept_one(int listening);
  void keep(event::Descriptor socket);
  bool make_room();
  Response respond(const Request& request);
  void on_asked(Connection& connection);
  void drop_slow_readers(const Connection& but);
  void erase(Connection& connection);

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
