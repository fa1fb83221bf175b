#include "server/connection.h"

#include <utility>

#include "server/connections.h"

namespace server {

void ListHook::enter_at_end(Connection& connection) {
  if (is_taken_)
    line_.splice(line_.end(), line_, position_);
  else
    position_ = line_.insert(line_.end(), &connection);
  is_taken_ = true;
}

void ListHook::leave() {
  if (is_taken_) line_.erase(position_);
  is_taken_ = false;
}

Connection::Connection(Connections& connections, event::PollSet& polled, Exchange exchange)
    : idle(connections.idle()),
      due(connections.due()),
      connections_(connections),
      exchange_(std::move(exchange)),
      watch_(polled, exchange_.descriptor(), *this) {
  if (is_registered()) exchange_.session().registration()->owner = this;
}

bool Connection::wait(Progress reached) {
  progress = reached;
  return watch_.wait(reached == Progress::wants_write ? event::Poll::For::writing
                                                      : event::Poll::For::reading);
}

void Connection::on_ready() {
  const Progress reached = exchange_.advance();
  if (is_registered()) exchange_.session().registration()->owner = this;
  connections_.on_progress(*this, reached);
}

void Connection::on_unregistered() { connections_.erase(*this); }

}  // namespace server
