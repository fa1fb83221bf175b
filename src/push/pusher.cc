#include "push/pusher.h"

#include <fmt/core.h>

#include <utility>

#include "logging/log.h"
#include "push/registrants.h"

namespace push {
namespace {

using End = probe::DistConnection::End;

probe::DistConnection::Node node_of(const discovery::LocalNode& local) {
  const auto address = net::Address::parse(local.node.ip, local.node.port_no);
  return {address.value_or(net::Address{}), local.name.to_string(), local.creation};
}

/// What may be nothing but a node that is just starting, or ending.
bool may_pass(End end) {
  return end == End::refused || end == End::closed || end == End::silent || end == End::stranger;
}

std::string_view describe(End end) {
  switch (end) {
    case End::finished: return "it is told";
    case End::refused: return "it does not listen on the port that it has registered";
    case End::silent: return "it does not answer; is it stopped, or overloaded?";
    case End::closed: return "it closes the connection";
    case End::wrong_cookie:
      return "it has another cookie, which is not tried again before it changes; give the node's "
             "own, with --cookie-file or in PORTOLAN_COOKIE";
    case End::impostor: return "it does not know the cookie itself; what has registered that name?";
    case End::stranger: return "another node is at its port";
    case End::not_allowed:
      return "it refuses strangers; is it told by net_kernel:allow/1 whom to let in?";
    case End::speaks_tls: return "it uses TLS distribution; give --tls-ca or --tls-conf";
    case End::nonsense: return "it does not speak the distribution protocol of OTP 23 or later";
    case End::tls_failed:
    case End::foreign_user: break;  // said by why()
  }
  return "";
}

}  // namespace

Pusher::Pusher(event::Loop& loop, CookieChecks& checks, const discovery::LocalNode& local,
               tls::Client* tls, std::unique_ptr<PushTask> task, PushMetrics& metrics,
               OnFailed on_failed)
    : loop_(loop),
      checks_(checks),
      node_(node_of(local)),
      tls_(tls),
      task_(std::move(task)),
      metrics_(metrics),
      on_failed_(std::move(on_failed)) {}

void Pusher::tell(const discovery::Report& report) {
  if (!untold_.empty()) log_refusal(logging::Level::error, std::exchange(untold_, {}));
  task_->take(report);
  if (connection_ && connection_->is_finished())
    on_ended(End::finished);  // it would have, in a moment
  if (connection_ && is_connected_) return task_->begin(*connection_);
  if (!connection_ && task_->is_wanted() && back_off_.is_due(loop_.now())) connect();
}

void Pusher::hold() {
  if (!connection_) return;
  task_->on_lost();
  connection_.reset();
}

void Pusher::connect() {
  auto cookie = checks_.cookie();
  const std::string error = cookie ? "" : cookie.error().message;
  if (!cookie && error != last_error_)
    logging::error("not_pushed", "nothing is pushed to {}: {}", logging::field("node", node_.name),
                   logging::field("reason", error));
  last_error_ = error;
  if (!cookie) on_failed_(error);
  if (!cookie || checks_.is_refused({node_.name, node_.creation})) return;
  is_connected_ = false;
  node_.user = cookie->owner;
  connection_ = std::make_unique<probe::DistConnection>(
      loop_, node_, std::move(cookie->cookie),
      probe::DistConnection::Listener{[this] {
                                        is_connected_ = true;
                                        task_->begin(*connection_);
                                      },
                                      [this](uint32_t call, const std::string& term) {
                                        if (!task_->take_answer(*connection_, call, term))
                                          connection_->finish();
                                      },
                                      [this](End end) { on_ended(end); }},
      tls_);
}

void Pusher::on_ended(End end) {
  metrics_.ends.count(end);
  task_->on_lost();
  if (end == End::wrong_cookie) checks_.refuse({node_.name, node_.creation});
  if (end == End::finished)
    back_off_ = {};
  else
    back_off_.fail(loop_.now());
  if (end != End::finished) on_failed_(why(end));
  note_refusal(end);
  connection_.reset();
}

std::string Pusher::why(End end) const {
  if (end == End::tls_failed) return connection_->why();
  if (end != End::foreign_user) return std::string(describe(end));
  return describe_other_user("answers at its port", connection_->peer_user(),
                             node_.user.value_or(0));
}

/// Once for as long as it lasts. A cookie that is refused is another one each time.
void Pusher::note_refusal(End end) {
  const bool is_same = end == last_end_ && end != End::wrong_cookie;
  last_end_ = end;
  same_ends_ = is_same ? same_ends_ + 1 : 1;
  const unsigned told_at = may_pass(end) ? 2 : 1;
  if (end == End::finished || same_ends_ != told_at) return;
  if (end == End::wrong_cookie)
    untold_ = why(end);
  else
    log_refusal(logging::Level::warning, why(end));
}

void Pusher::log_refusal(logging::Level level, const std::string& why) const {
  logging::write(level, "not_pushed", "nothing is pushed to {}: {}",
                 logging::field("node", node_.name), logging::field("reason", why));
}

}  // namespace push
