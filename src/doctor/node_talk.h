#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "doctor/tls.h"
#include "net/blocking_client.h"
#include "tls/session.h"

namespace doctor {

/// What is said on a blocking connection to a node, through TLS if there is a session. The client
/// outlives it.
class NodeTalk {
 public:
  explicit NodeTalk(net::BlockingClient& client, std::shared_ptr<tls::Session> session = nullptr)
      : client_(client), session_(std::move(session)) {}

  /// Shakes hands. Only with a session.
  TlsMeeting meet(const std::string& host);
  /// False: the connection has ended.
  bool say(std::string_view bytes);
  /// The next bytes; none, and end(): it has ended.
  std::string hear();
  net::TcpExchange::End end() const { return end_; }
  const std::shared_ptr<tls::Session>& session() const { return session_; }

 private:
  bool flush();
  bool take_bytes();

  net::BlockingClient& client_;
  std::shared_ptr<tls::Session> session_;
  std::string heard_ = {};
  net::TcpExchange::End end_ = net::TcpExchange::End::closed;
};

}  // namespace doctor
