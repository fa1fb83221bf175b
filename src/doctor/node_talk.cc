#include "doctor/node_talk.h"

#include <cerrno>
#include <utility>

namespace doctor {

using End = net::TcpExchange::End;
using State = tls::Session::State;

TlsMeeting NodeTalk::meet(const std::string& host) {
  while (flush() && session_->state() == State::shaking_hands && take_bytes()) continue;
  TlsMeeting meeting;
  meeting.is_open = session_->state() == State::open;
  meeting.end = end_;
  meeting.failure = session_->failure();
  meeting.version = session_->version();
  meeting.certificate = session_->certificate();
  meeting.wants_certificate = session_->wants_certificate();
  meeting.has_certificate = session_->has_certificate();
  meeting.is_for_host = session_->is_for(host);
  return meeting;
}

bool NodeTalk::say(std::string_view bytes) {
  if (!session_) return bool(client_.send(bytes));
  session_->send(bytes);
  return flush();
}

std::string NodeTalk::hear() {
  while (heard_.empty() && take_bytes() && flush()) continue;
  return std::exchange(heard_, {});
}

bool NodeTalk::flush() {
  const std::string bytes = session_ ? session_->take_outgoing() : std::string();
  return bytes.empty() || client_.send(bytes);
}

bool NodeTalk::take_bytes() {
  const auto bytes = client_.receive();
  if (!bytes || bytes->empty()) {
    end_ = !bytes && bytes.error().number == ETIMEDOUT ? End::silent : End::closed;
    return false;
  }
  if (!session_) {
    heard_ += *bytes;
    return true;
  }
  const State state = session_->receive(*bytes);
  heard_ += session_->take_received();
  if (state == State::failed) end_ = End::tls_failed;
  return !heard_.empty() || state == State::shaking_hands || state == State::open;
}

}  // namespace doctor
