#include "probe/dist_connection.h"

#include <sys/random.h>

#include <utility>

#include "net/peer_user.h"
#include "probe/scheduler.h"
#include "probe/who_question.h"

namespace probe {
namespace {

uint32_t unforeseeable_number() {
  uint32_t number = 0;
  while (getrandom(&number, sizeof number, 0) != sizeof number) continue;
  return number;
}

DistConnection::End end_of(dist::Handshake::ReadResult read_result) {
  switch (read_result) {
    case dist::Handshake::ReadResult::impostor: return DistConnection::End::impostor;
    case dist::Handshake::ReadResult::not_allowed: return DistConnection::End::not_allowed;
    case dist::Handshake::ReadResult::speaks_tls: return DistConnection::End::speaks_tls;
    case dist::Handshake::ReadResult::busy: return DistConnection::End::closed;
    default: return DistConnection::End::nonsense;
  }
}

}  // namespace

DistConnection::DistConnection(event::Loop& loop, Node node, dist::Cookie cookie, Listener listener,
                               tls::Client* tls)
    : node_(std::move(node)),
      cookie_(std::move(cookie)),
      listener_(std::move(listener)),
      handshake_(tls ? dist::Framing::tls : dist::Framing::tcp) {
  auto session = tls::begin_session(tls, node_.name.substr(node_.name.find('@') + 1));
  if (session) session_ = std::move(*session);
  if (session)
    connect(loop);
  else
    fail_soon(loop, session.error().message);
}

void DistConnection::connect(event::Loop& loop) {
  exchange_ = std::make_unique<net::TcpExchange>(
      loop, node_.address, handshake_.hello(own_host_part, dist::flags::pusher), handshake_timeout,
      [this](std::string_view bytes) { return on_bytes(bytes); },
      [this](net::TcpExchange::End end) { on_closed(end); }, session_);
}

void DistConnection::fail_soon(event::Loop& loop, const std::string& why) {
  why_ = why;
  failing_ = Scheduler(loop).after(discovery::Time::zero(), [this] {
    const auto on_ended = std::move(listener_.on_ended);
    on_ended(End::tls_failed);
  });
}

void DistConnection::renew_timeout() { exchange_->set_timeout(answer_timeout); }

void DistConnection::call(uint32_t number, const dist::Rpc::Call& call) {
  renew_timeout();  // first: sending too much ends the exchange by the same timer
  exchange_->send(rpc_->call(number, call));
}

void DistConnection::send(std::string_view registered_name, std::string_view term) {
  exchange_->send(rpc_->send(registered_name, term));
}

void DistConnection::finish() {
  is_finished_ = true;
  exchange_->end_soon();
}

/// False: the connection is to be closed, as end_ or is_finished_ say.
bool DistConnection::on_bytes(std::string_view bytes) {
  if (is_finished_) return false;
  bytes_ += bytes.size();
  if (bytes_ > bytes_max) return end_as(End::nonsense);
  return rpc_ ? take_packets(bytes) : shake_hands(bytes);
}

bool DistConnection::shake_hands(std::string_view bytes) {
  const dist::Handshake::ReadResult read_result = handshake_.receive(bytes);
  if (read_result == dist::Handshake::ReadResult::read_on) return true;
  if (read_result == dist::Handshake::ReadResult::identified) return prove();
  if (read_result == dist::Handshake::ReadResult::connected) return begin();
  return end_as(end_of(read_result));
}

/// Only to the node that is meant: what one node asks is no business of another's. We prove first,
/// so a process that only poses as the node would get an answer to a challenge of its choice.
bool DistConnection::prove() {
  const dist::Challenge& told = handshake_.challenge();
  if (told.node_name != node_.name || told.creation != node_.creation) return end_as(End::stranger);
  if (!is_right_host()) return end_as(End::tls_failed);
  if (handshake_.given_name().empty()) return end_as(End::nonsense);
  if (!is_right_user()) return end_as(End::foreign_user);
  has_proved_ = true;
  exchange_->send(handshake_.prove(*cookie_, unforeseeable_number()));
  cookie_.reset();
  return shake_hands({});
}

/// A certificate of another host is no reason to trust this one.
bool DistConnection::is_right_host() {
  if (session_) why_ = why_not_for(*session_, node_.name);
  return why_.empty();
}

/// What has come from there shows that the connection has been accepted.
bool DistConnection::is_right_user() {
  if (!node_.user) return true;
  peer_user_ = net::peer_user(exchange_->descriptor());
  return peer_user_ && *peer_user_ == *node_.user;
}

bool DistConnection::begin() {
  rpc_ = std::make_unique<dist::Rpc>(handshake_.given_name(), handshake_.given_creation());
  exchange_->set_timeout(answer_timeout);
  listener_.on_connected();
  return !is_finished_ && take_packets(handshake_.take_rest());
}

bool DistConnection::take_packets(std::string_view bytes) {
  if (rpc_->receive(bytes) == dist::Rpc::ReadResult::nonsense) return end_as(End::nonsense);
  if (rpc_->take_tick()) exchange_->send(dist::Rpc::tick());
  while (const auto answer = rpc_->take_answer()) {
    exchange_->set_timeout(answer_timeout);
    bytes_ = 0;
    listener_.on_answer(answer->call, answer->term);
    if (is_finished_) return false;
  }
  return true;
}

bool DistConnection::end_as(End end) {
  end_ = end;
  return false;
}

void DistConnection::on_closed(net::TcpExchange::End end) {
  if (is_finished_) end = net::TcpExchange::End::heard_enough;
  if (end == net::TcpExchange::End::refused) end_ = End::refused;
  if (end == net::TcpExchange::End::silent) end_ = End::silent;
  if (end == net::TcpExchange::End::tls_failed) end_ = End::tls_failed;
  if (end == net::TcpExchange::End::tls_failed) why_ = describe(session_->failure());
  const bool is_proof_pending = has_proved_ && !rpc_;
  if (end == net::TcpExchange::End::closed)
    end_ = is_proof_pending ? End::wrong_cookie : End::closed;
  const auto on_ended = std::move(listener_.on_ended);
  on_ended(end_);
}

}  // namespace probe
