#pragma once

#include <chrono>
#include <list>

#include "epmd/registry.h"
#include "event/poll_set.h"
#include "server/exchange.h"

namespace server {

class Connection;

/// Where a Connection stands in a list of connections, if it does: entering, leaving and moving to
/// the end take constant time. The list holds no ownership.
class ListHook {
 public:
  using Line = std::list<Connection*>;

  explicit ListHook(Line& line) : line_(line) {}
  ListHook(const ListHook&) = delete;
  ListHook& operator=(const ListHook&) = delete;
  ~ListHook() { leave(); }

  void enter_at_end(Connection& connection);
  void leave();
  bool is_taken() const { return is_taken_; }

 private:
  Line& line_;
  Line::iterator position_ = {};
  bool is_taken_ = false;
};

class Connections;

/// An exchange that has to wait: for the rest of its request, for its peer to take the reply, or,
/// once a name is registered, for the end. Owned by Connections; tells it of every progress.
class Connection final : public event::Poll::Waiter, public epmd::Owner {
 public:
  using Progress = Exchange::Progress;

  Connection(Connections& connections, event::PollSet& polled, Exchange exchange);

  void on_ready() override;
  bool has_ended() override { return exchange_.peer_has_ended(); }
  void on_unregistered() override;

  /// Takes over from whoever made the exchange's first progress, and waits for the next. False, and
  /// errno: it cannot wait.
  [[nodiscard]] bool wait(Progress progress);

  Exchange& exchange() { return exchange_; }
  bool is_registered() { return exchange_.session().registration() != nullptr; }

  /// Among those that may be closed to make room, the longest idle first.
  ListHook idle;
  /// Among those that have a deadline, the earliest first.
  ListHook due;
  std::chrono::milliseconds deadline = {};
  /// Until then bytes prolong the deadline.
  std::chrono::milliseconds prolonged_until = {};
  size_t bytes_waiting = 0;  // as last counted
  Progress progress = Progress::wants_read;

 private:
  Connections& connections_;
  Exchange exchange_;
  event::Watch watch_;
};

}  // namespace server
