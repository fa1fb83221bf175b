#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <utility>
#include <vector>

#include "event/poll.h"
#include "event/timer.h"
#include "net/listening.h"

namespace net {

/// The listening sockets of a server, on the loop, which outlives it.
class Acceptor {
 public:
  /// Somebody may wait to be accepted on this socket.
  using OnReady = std::function<void(int listening)>;
  static constexpr std::chrono::milliseconds pause_max = std::chrono::seconds(1);

  Acceptor(event::Loop& loop, std::vector<ListeningSocket> sockets, OnReady on_ready);

  /// Until resume(), but not for longer than pause_max.
  void pause();
  void resume();
  bool is_paused() const { return is_paused_; }

 private:
  struct Listener final : event::Poll::Waiter {
    Listener(event::Loop& loop, ListeningSocket listening, const OnReady& ready)
        : socket(std::move(listening)), poll(loop, socket.descriptor.get(), *this), tell(ready) {}
    void on_ready() override { tell(socket.descriptor.get()); }

    ListeningSocket socket;
    event::Poll poll;
    const OnReady& tell;
  };

  OnReady on_ready_;
  bool is_paused_ = true;
  event::Timer resume_timer_;
  std::list<Listener> listeners_ = {};
};

}  // namespace net
