#include "tls/session.h"

#include <array>
#include <utility>

namespace tls {
namespace {

/// Names that no DNS knows are not sent (RFC 6066, section 3).
bool is_dns_name(const std::string& name) {
  return !name.empty() && name.find(':') == std::string::npos &&
         name.find_first_not_of("0123456789.") != std::string::npos;
}

/// OpenSSL numbers the alerts that come from 1000 on.
bool is_alert(int reason) { return reason >= SSL_AD_REASON_OFFSET && reason < 1256; }

Failure::Kind kind_of(unsigned long code) {
  const int reason = ERR_GET_REASON(code);
  if (is_alert(reason)) return Failure::Kind::alert;
  if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_UNEXPECTED_MESSAGE ||
      reason == SSL_R_HTTP_REQUEST || reason == SSL_R_BAD_RECORD_TYPE)
    return Failure::Kind::no_tls;
  return Failure::Kind::other;
}

/// OpenSSL has "tlsv13 alert certificate required".
std::string alert_of(const std::string& text) {
  constexpr std::string_view before = "alert ";
  const size_t found = text.find(before);
  return found == std::string::npos ? text : text.substr(found + before.size());
}

}  // namespace

Session::Session(std::shared_ptr<const Context> context, const std::string& server_name)
    : context_(std::move(context)),
      ssl_(context_->openssl()),
      session_(ssl_.SSL_new(context_->get())),
      incoming_(ssl_.BIO_new(ssl_.BIO_s_mem())),
      outgoing_(ssl_.BIO_new(ssl_.BIO_s_mem())) {
  ssl_.SSL_set_bio(session_, incoming_, outgoing_);
  ssl_.SSL_set_connect_state(session_);
  ssl_.SSL_set_cert_cb(session_, note_wanted, this);
  std::string name = server_name;
  if (is_dns_name(name))
    ssl_.SSL_ctrl(session_, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
  advance();
}

Session::~Session() { ssl_.SSL_free(session_); }

int Session::note_wanted(SSL* /*ssl*/, void* session) {
  static_cast<Session*>(session)->wants_certificate_ = true;
  return 1;
}

Session::State Session::receive(std::string_view encrypted) {
  ssl_.BIO_write(incoming_, encrypted.data(), static_cast<int>(encrypted.size()));
  advance();
  return state_;
}

void Session::send(std::string_view plain) {
  unsent_ += plain;
  advance();
}

void Session::close() {
  if (state_ != State::open) return;
  ssl_.ERR_clear_error();
  ssl_.SSL_shutdown(session_);
  state_ = State::closed;
}

std::string Session::take_outgoing() {
  std::string bytes(ssl_.BIO_ctrl_pending(outgoing_), '\0');
  if (!bytes.empty()) ssl_.BIO_read(outgoing_, bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}

void Session::advance() {
  ssl_.ERR_clear_error();
  if (state_ == State::shaking_hands) shake_hands();
  if (state_ == State::open) write();
  if (state_ == State::open) read();
}

void Session::shake_hands() {
  const int result = ssl_.SSL_do_handshake(session_);
  const long verified = ssl_.SSL_get_verify_result(session_);
  if (context_->settings().verifies && verified != X509_V_OK) return leave(verified);
  if (result != 1) return note_error(result);
  state_ = State::open;
}

/// Without what would go on with the handshake: a server that wants a certificate and gets none, or
/// one that it does not know, would log that.
void Session::leave(long verified) {
  take_outgoing();
  fail(Failure::Kind::untrusted, ssl_.X509_verify_cert_error_string(verified));
}

/// In memory there is room for all of it.
void Session::write() {
  if (unsent_.empty()) return;
  const int result = ssl_.SSL_write(session_, unsent_.data(), static_cast<int>(unsent_.size()));
  if (result <= 0) return note_error(result);
  unsent_.clear();
}

void Session::read() {
  std::array<char, 4096> buffer;  // NOLINT: filled by SSL_read
  int count = 0;
  while ((count = ssl_.SSL_read(session_, buffer.data(), buffer.size())) > 0)
    received_.append(buffer.data(), static_cast<size_t>(count));
  note_error(count);
}

void Session::note_error(int result) {
  const int error = ssl_.SSL_get_error(session_, result);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return;
  if (error == SSL_ERROR_ZERO_RETURN) {
    state_ = State::closed;
    return;
  }
  const Failure::Kind kind = kind_of(ssl_.ERR_peek_error());
  const std::string text = take_error(ssl_);
  fail(kind, kind == Failure::Kind::alert ? alert_of(text) : text);
}

void Session::fail(Failure::Kind kind, std::string text) {
  state_ = State::failed;
  failure_ = {kind, std::move(text)};
}

std::string Session::version() const { return ssl_.SSL_get_version(session_); }

std::optional<Certificate> Session::certificate() const {
  const std::unique_ptr<X509, decltype(ssl_.X509_free)> certificate(
      ssl_.SSL_get1_peer_certificate(session_), ssl_.X509_free);
  if (!certificate) return std::nullopt;
  return read_certificate(ssl_, certificate.get());
}

/// As OTP does, by each whole name.
bool Session::is_for(const std::string& host) const {
  if (!context_->settings().verifies || !context_->settings().checks_host) return true;
  const std::unique_ptr<X509, decltype(ssl_.X509_free)> certificate(
      ssl_.SSL_get1_peer_certificate(session_), ssl_.X509_free);
  if (!certificate) return false;
  return ssl_.X509_check_host(certificate.get(), host.data(), host.size(),
                              X509_CHECK_FLAG_NO_WILDCARDS, nullptr) == 1 ||
         ssl_.X509_check_ip_asc(certificate.get(), host.c_str(), 0) == 1;
}

}  // namespace tls
