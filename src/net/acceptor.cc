#include "net/acceptor.h"

namespace net {

Acceptor::Acceptor(event::Loop& loop, std::vector<ListeningSocket> sockets, OnReady on_ready)
    : on_ready_(std::move(on_ready)), resume_timer_(loop) {
  for (ListeningSocket& socket : sockets)
    listeners_.emplace_back(loop, std::move(socket), on_ready_);
  resume();
}

void Acceptor::pause() {
  is_paused_ = true;
  for (Listener& each : listeners_) each.poll.stop();
  // Descriptors may come free elsewhere on the machine, where nobody tells us.
  resume_timer_.start(pause_max, [this] { resume(); });
}

void Acceptor::resume() {
  if (!is_paused_) return;
  is_paused_ = false;
  resume_timer_.stop();
  for (Listener& each : listeners_) each.poll.wait(event::Poll::For::reading);
}

}  // namespace net
