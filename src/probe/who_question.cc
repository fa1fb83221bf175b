#include "probe/who_question.h"

#include <fmt/core.h>

#include <utility>
#include <vector>

#include "epmd/alive_name.h"

namespace probe {
namespace {

using discovery::Identification;
using dist::Handshake;
using End = net::TcpExchange::End;

std::string joined(const std::vector<std::string>& hosts) {
  std::string text;
  for (const std::string& host : hosts) text += (text.empty() ? "'" : ", '") + host + "'";
  return text;
}

}  // namespace

dist::Framing framing_of(const tls::Session* session) {
  return session ? dist::Framing::tls : dist::Framing::tcp;
}

WhoQuestion::WhoQuestion(std::shared_ptr<tls::Session> session)
    : session_(std::move(session)), handshake_(framing_of(session_.get())) {}

std::string WhoQuestion::hello(std::string_view own_name) const {
  return handshake_.hello(own_name, dist::flags::prober);
}

bool WhoQuestion::receive(std::string_view bytes) {
  read_result_ = handshake_.receive(bytes);
  return read_result_ == Handshake::ReadResult::read_on;
}

Identification WhoQuestion::answer(End end) const {
  Identification told = {outcome(end), handshake_.challenge(), {}};
  if (end == End::tls_failed) told.why = describe(session_->failure());
  if (session_ && told.outcome == Identification::Outcome::identified)
    told.why = why_not_for(*session_, told.challenge.node_name);
  if (!told.why.empty()) told.outcome = Identification::Outcome::tls_failed;
  return told;
}

Identification::Outcome WhoQuestion::outcome(End end) const {
  switch (read_result_) {
    case Handshake::ReadResult::identified: return Identification::Outcome::identified;
    case Handshake::ReadResult::busy: return Identification::Outcome::busy;
    case Handshake::ReadResult::not_allowed: return Identification::Outcome::not_allowed;
    case Handshake::ReadResult::speaks_tls: return Identification::Outcome::speaks_tls;
    case Handshake::ReadResult::connected:
    case Handshake::ReadResult::impostor:  // both only after a proof, which no probe sends
    case Handshake::ReadResult::nonsense: return Identification::Outcome::nonsense;
    case Handshake::ReadResult::read_on: break;
  }
  if (end == End::refused) return Identification::Outcome::refused;
  if (end != End::closed) return Identification::Outcome::silent;
  // It shuts the door on the first of two probers of one name, whom it may have let in already.
  return handshake_.is_let_in() ? Identification::Outcome::busy : Identification::Outcome::closed;
}

std::string why_not_for(const tls::Session& session, const std::string& node_name) {
  const std::string host = node_name.substr(node_name.find('@') + 1);
  if (session.is_for(host)) return {};
  const auto certificate = session.certificate();
  const std::string hosts = certificate ? joined(certificate->hosts) : "";
  return fmt::format("its certificate is for {}, and not for '{}'",
                     hosts.empty() ? "no host that it names" : hosts, epmd::escape_name(host));
}

std::string describe(const tls::Failure& failure) {
  switch (failure.kind) {
    case tls::Failure::Kind::untrusted:
      return "its certificate is not to be trusted: " + failure.text;
    case tls::Failure::Kind::alert: return "it refuses us: " + failure.text;
    case tls::Failure::Kind::no_tls: return "it does not speak TLS";
    default: return failure.text;
  }
}

}  // namespace probe
