#include "probe/link.h"

#include <sys/random.h>

#include <utility>

#include "net/peer_user.h"

namespace probe {
namespace {

/// The part of our name that a node leaves to us. It is no host's, so that nobody connects back.
constexpr std::string_view own_host_part = "epmd";

uint32_t unforeseeable_number() {
  uint32_t number = 0;
  while (getrandom(&number, sizeof number, 0) != sizeof number) continue;
  return number;
}

Link::End end_of(dist::Handshake::Verdict verdict) {
  switch (verdict) {
    case dist::Handshake::Verdict::impostor:
      return Link::End::impostor;
    case dist::Handshake::Verdict::not_allowed:
      return Link::End::not_allowed;
    case dist::Handshake::Verdict::speaks_tls:
      return Link::End::speaks_tls;
    case dist::Handshake::Verdict::busy:
      return Link::End::closed;
    default:
      return Link::End::nonsense;
  }
}

}  // namespace

Link::Link(event::Loop& loop, Node node, dist::Cookie cookie, Listener listener)
    : node_(std::move(node)), cookie_(std::move(cookie)), listener_(std::move(listener)) {
  dialogue_ = std::make_unique<net::Dialogue>(
      loop, node_.address, dist::Handshake::hello(own_host_part, dist::flags::pusher),
      handshake_patience, [this](std::string_view bytes) { return on_bytes(bytes); },
      [this](net::Dialogue::End end) { on_closed(end); });
}

void Link::renew_patience() { dialogue_->have_patience(answer_patience); }

void Link::call(uint32_t number, const dist::Rpc::Call& call) {
  renew_patience();  // first, for to say too much ends the dialogue by the same timer
  dialogue_->say(rpc_->call(number, call));
}

void Link::send(std::string_view registered_name, std::string_view term) {
  dialogue_->say(rpc_->send(registered_name, term));
}

void Link::finish() {
  is_finished_ = true;
  dialogue_->end_soon();
}

/// False: the connection is to be closed, as end_ or is_finished_ say.
bool Link::on_bytes(std::string_view bytes) {
  if (is_finished_) return false;
  bytes_ += bytes.size();
  if (bytes_ > bytes_max) return end_as(End::nonsense);
  return rpc_ ? take_packets(bytes) : shake_hands(bytes);
}

bool Link::shake_hands(std::string_view bytes) {
  const dist::Handshake::Verdict verdict = handshake_.receive(bytes);
  if (verdict == dist::Handshake::Verdict::read_on) return true;
  if (verdict == dist::Handshake::Verdict::identified) return prove();
  if (verdict == dist::Handshake::Verdict::connected) return begin();
  return end_as(end_of(verdict));
}

/// Only to the node that is meant: what one node asks is no business of another's. We prove first,
/// so a process that only poses as the node would get an answer to a challenge of its choice.
bool Link::prove() {
  const dist::Challenge& told = handshake_.challenge();
  if (told.node_name != node_.name || told.creation != node_.creation) return end_as(End::stranger);
  if (handshake_.given_name().empty()) return end_as(End::nonsense);
  if (!is_right_user()) return end_as(End::foreign_user);
  has_proved_ = true;
  dialogue_->say(handshake_.prove(*cookie_, unforeseeable_number()));
  cookie_.reset();
  return shake_hands({});
}

/// What has come from there shows that the connection has been accepted.
bool Link::is_right_user() {
  if (!node_.user) return true;
  peer_user_ = net::peer_user(dialogue_->descriptor());
  return peer_user_ && *peer_user_ == *node_.user;
}

bool Link::begin() {
  rpc_ = std::make_unique<dist::Rpc>(handshake_.given_name(), handshake_.given_creation());
  dialogue_->have_patience(answer_patience);
  listener_.on_connected();
  return !is_finished_ && take_packets(handshake_.take_rest());
}

bool Link::take_packets(std::string_view bytes) {
  if (rpc_->receive(bytes) == dist::Rpc::Verdict::nonsense) return end_as(End::nonsense);
  if (rpc_->take_tick()) dialogue_->say(dist::Rpc::tick());
  while (const auto answer = rpc_->take_answer()) {
    dialogue_->have_patience(answer_patience);
    bytes_ = 0;
    listener_.on_answer(answer->call, answer->term);
    if (is_finished_) return false;
  }
  return true;
}

bool Link::end_as(End end) {
  end_ = end;
  return false;
}

void Link::on_closed(net::Dialogue::End end) {
  if (is_finished_) end = net::Dialogue::End::heard_enough;
  if (end == net::Dialogue::End::refused) end_ = End::refused;
  if (end == net::Dialogue::End::silent) end_ = End::silent;
  const bool is_proof_pending = has_proved_ && !rpc_;
  if (end == net::Dialogue::End::closed) end_ = is_proof_pending ? End::wrong_cookie : End::closed;
  const auto on_ended = std::move(listener_.on_ended);
  on_ended(end_);
}

}  // namespace probe
