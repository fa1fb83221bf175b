#include "server/connections.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace server {
namespace {

using epmd::EventKind;
using Progress = Exchange::Progress;

}  // namespace

Connections::Connections(event::Loop& loop, Limits limits, std::function<void()> on_shut_down,
                         std::function<void()> on_room)
    : loop_(loop),
      limits_(limits),
      on_shut_down_(std::move(on_shut_down)),
      on_room_(std::move(on_room)),
      overdue_(loop),
      polled_(loop) {}

Connections::~Connections() = default;

void Connections::keep(Exchange exchange, Progress progress) {
  if (size_ >= limits_.connections_max && !evict_longest_idle()) {
    exchange.record(EventKind::no_room);
    return;
  }
  const auto slot = static_cast<size_t>(exchange.descriptor());
  if (slot >= by_descriptor_.size()) by_descriptor_.resize(slot + slot / 2 + 16);
  by_descriptor_[slot] = std::make_unique<Connection>(*this, polled_, std::move(exchange));
  ++size_;
  Connection& connection = *by_descriptor_[slot];
  if (progress != Progress::kept) set_deadline(connection);
  place(connection, progress);
}

void Connections::on_progress(Connection& connection, Progress progress) {
  if (progress == Progress::shut_down) {
    erase(connection);
    on_shut_down_();
  } else if (progress == Progress::finished) {
    erase(connection);
  } else {
    if (progress != connection.progress)
      set_deadline(connection);
    else
      prolong(connection);
    place(connection, progress);
  }
}

void Connections::place(Connection& connection, Progress progress) {
  if (progress == Progress::kept) connection.due.leave();
  if (connection.is_registered())
    connection.idle.leave();
  else
    connection.idle.enter_at_end(connection);
  if (!connection.wait(progress)) {  // as after a failed accept: whoever is there stays
    connection.exchange().record(EventKind::accept_failed, errno);
    return erase(connection);
  }
  const size_t held = connection_bytes + connection.exchange().bytes_held();
  count_waiting(connection, connection.is_registered() ? 0 : held);
  watch_deadlines();
  while (bytes_waiting_ > limits_.bytes_waiting_max && evict_longest_idle()) {  // perhaps this one
  }
}

void Connections::set_deadline(Connection& connection) {
  connection.prolonged_until = loop_.now() + limits_.packet_timeout * limits_.timeouts_max;
  prolong(connection);
}

/// A byte has moved. After `prolonged_until` the deadline stays, so a byte now and then cannot hold
/// a connection for days.
void Connections::prolong(Connection& connection) {
  if (loop_.now() > connection.prolonged_until) return;
  // One timeout for all connections, so the last one to enter is the last one due.
  connection.deadline = loop_.now() + limits_.packet_timeout + limits_.grace;
  connection.due.enter_at_end(connection);
}

void Connections::count_waiting(Connection& connection, size_t bytes) {
  bytes_waiting_ = bytes_waiting_ - connection.bytes_waiting + bytes;
  connection.bytes_waiting = bytes;
}

void Connections::erase(Connection& connection) {
  count_waiting(connection, 0);
  // Out of its slot first: as it dies, its name does, and nobody shall find it there.
  const std::unique_ptr<Connection> dying =
      std::move(by_descriptor_[static_cast<size_t>(connection.exchange().descriptor())]);
  --size_;
  dying->due.leave();
  if (due_.empty()) overdue_.stop();
  on_room_();
}

bool Connections::evict_longest_idle() {
  if (idle_.empty()) return false;
  evict(*idle_.front(), EventKind::evicted);
  return true;
}

void Connections::evict(Connection& connection, EventKind why) {
  connection.exchange().record(why);
  erase(connection);
}

void Connections::drop_slowest_readers(const std::function<bool()>& is_enough) {
  for (auto next = idle_.begin(); next != idle_.end() && !is_enough();) {
    Connection& connection = **next++;
    if (connection.exchange().holds_listing()) evict(connection, EventKind::evicted);
  }
}

void Connections::watch_deadlines() {
  if (due_.empty()) {
    overdue_.stop();
  } else if (!overdue_.is_running()) {
    const auto left = due_.front()->deadline - loop_.now();
    overdue_.start(std::max(left, event::Loop::Time::zero()), [this] { close_overdue(); });
  }
}

void Connections::close_overdue() {
  while (!due_.empty() && due_.front()->deadline <= loop_.now())
    evict(*due_.front(), EventKind::timed_out);
  watch_deadlines();
}

}  // namespace server
