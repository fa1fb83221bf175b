#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "discovery/interfaces.h"
#include "dist/handshake.h"
#include "net/tcp_exchange.h"
#include "tls/session.h"

namespace probe {

/// Asks a node who it is, by the distribution handshake up to the challenge, without a connection
/// of its own: somebody else carries the bytes, through the session if there is one.
class WhoQuestion {
 public:
  explicit WhoQuestion(std::shared_ptr<tls::Session> session = nullptr);

  /// What to say first.
  std::string hello(std::string_view own_name) const;
  /// False: enough was heard.
  bool receive(std::string_view bytes);
  /// What to make of it, now that the connection has ended like this.
  discovery::Identification answer(net::TcpExchange::End end) const;

 private:
  discovery::Identification::Outcome outcome(net::TcpExchange::End end) const;

  std::shared_ptr<tls::Session> session_;
  dist::Handshake handshake_;
  dist::Handshake::ReadResult read_result_ = dist::Handshake::ReadResult::read_on;
};

/// Of a session; TCP for null.
dist::Framing framing_of(const tls::Session* session);

/// Why a session is not to be used with the node that has told this name: its certificate is for
/// others. Empty: it is for this host, or that is not to be checked.
std::string why_not_for(const tls::Session& session, const std::string& node_name);

/// Why a session failed, in a sentence about the other side.
std::string describe(const tls::Failure& failure);

}  // namespace probe
