#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "event/timer.h"
#include "server/connection.h"

namespace server {

/// All connections that wait for something, with the limits that keep one of them from harming the
/// others: how many there may be, how long each may take, how much unread reply they may hold.
/// Destroying it closes them all.
class Connections {
 public:
  struct Limits {
    /// A connection is closed when no byte of its request, or of its reply, moves for this long.
    std::chrono::milliseconds packet_timeout = std::chrono::seconds(60);
    /// Added to each packet timeout: the reference counts whole seconds, and answers a client that
    /// pauses for exactly its packet timeout.
    std::chrono::milliseconds grace = std::chrono::seconds(1);
    /// Bytes prolong a request, and then its reply, for this many packet timeouts.
    int timeouts_max = 10;
    size_t connections_max = 1000;
    /// What connections without a name hold, all together: connection_bytes each, the part of its
    /// request that has come, and a reply of its own.
    size_t bytes_waiting_max = size_t{64} << 20;
  };

  static constexpr size_t connection_bytes = 512;

  /// `on_shut_down` is called when a KILL_REQ was obeyed, `on_room` when a connection is gone.
  Connections(event::Loop& loop, Limits limits, std::function<void()> on_shut_down,
              std::function<void()> on_room);
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;
  ~Connections();

  /// Keeps an exchange whose first advance() came to `progress`, or, when there is no room and
  /// nobody can be asked to leave, closes it.
  void keep(Exchange exchange, Exchange::Progress progress);
  /// What a connection calls when it got further. May destroy it.
  void on_progress(Connection& connection, Exchange::Progress progress);
  void erase(Connection& connection);
  /// Closes the connection that has been idle for longest and holds no name. False: there is none.
  bool evict_longest_idle();
  /// Closes those that are being sent a listing, the longest idle first, until it is enough.
  void drop_slowest_readers(const std::function<bool()>& is_enough);

  size_t size() const { return size_; }
  ListHook::Line& idle() { return idle_; }
  ListHook::Line& due() { return due_; }

 private:
  void place(Connection& connection, Exchange::Progress progress);
  void set_deadline(Connection& connection);
  void prolong(Connection& connection);
  void count_waiting(Connection& connection, size_t bytes);
  void evict(Connection& connection, epmd::EventKind why);
  void watch_deadlines();
  void close_overdue();

  event::Loop& loop_;
  Limits limits_;
  std::function<void()> on_shut_down_;
  std::function<void()> on_room_;
  ListHook::Line idle_;
  ListHook::Line due_;
  size_t bytes_waiting_ = 0;
  size_t size_ = 0;
  event::Timer overdue_;
  event::PollSet polled_;
  /// By descriptor, which the kernel gives out lowest first.
  std::vector<std::unique_ptr<Connection>> by_descriptor_;
};

}  // namespace server
