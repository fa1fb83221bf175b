#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tls/certificate.h"
#include "tls/context.h"

namespace tls {

/// Why a session failed.
struct Failure {
  enum class Kind {
    none,
    no_tls,     // what was answered is no TLS
    untrusted,  // its certificate: from another authority, too old, …
    alert,      // it has refused us, or what we can do
    other,
  };
  Kind kind = Kind::none;
  std::string text = {};
};

/// The client's side of one TLS connection, without a socket: bytes in, bytes out. A certificate
/// that is not to be trusted fails the session without an alert, for the node would log that;
/// nothing is said to such a one.
class Session {
 public:
  enum class State { shaking_hands, open, closed, failed };

  /// `server_name` is what to ask the server for (SNI); empty, or an address: nothing.
  Session(std::shared_ptr<const Context> context, const std::string& server_name);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// What has come.
  State receive(std::string_view encrypted);
  /// To be sent once the session is open.
  void send(std::string_view plain);
  /// Nothing more is said. The other side hears that with take_outgoing().
  void close();
  /// What the other side is to get, and what it has said.
  std::string take_outgoing();
  std::string take_received() { return std::move(received_); }

  State state() const { return state_; }
  const Failure& failure() const { return failure_; }
  /// Such as "TLSv1.3".
  std::string version() const;
  /// Whether the server asked for a certificate of ours.
  bool wants_certificate() const { return wants_certificate_; }
  bool has_certificate() const { return !context_->settings().certificate_file.empty(); }
  /// Of the server; nothing if none has come.
  std::optional<Certificate> certificate() const;
  /// Whether the server's certificate is for this host, or that does not matter.
  bool is_for(const std::string& host) const;

 private:
  static int note_wanted(SSL* ssl, void* session);
  void advance();
  void shake_hands();
  void leave(long verified);
  void write();
  void read();
  void note_error(int result);
  void fail(Failure::Kind kind, std::string text);

  std::shared_ptr<const Context> context_;
  const OpenSsl& ssl_;
  SSL* session_;
  BIO* incoming_;  // both are the session's
  BIO* outgoing_;
  State state_ = State::shaking_hands;
  Failure failure_ = {};
  bool wants_certificate_ = false;
  std::string unsent_ = {};
  std::string received_ = {};
};

}  // namespace tls
