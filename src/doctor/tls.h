#pragma once

#include <ctime>
#include <optional>
#include <string>

#include "doctor/check_result.h"
#include "net/tcp_exchange.h"
#include "tls/session.h"

/// What `doctor` makes of the TLS of a node, without effects.
namespace doctor {

/// What came of a TLS handshake.
struct TlsMeeting {
  bool is_open = false;
  net::TcpExchange::End end = net::TcpExchange::End::silent;  // unless it is open
  tls::Failure failure = {};                                  // with End::tls_failed
  std::string version = {};
  std::optional<tls::Certificate> certificate = {};
  /// Whether the node asked for a certificate of ours, and whether we have one.
  bool wants_certificate = false;
  bool has_certificate = false;
  /// Whether its certificate is for the host that was asked for.
  bool is_for_host = true;
};

CheckResult judge_tls(const std::string& place, const std::string& host, const TlsMeeting& meeting);

/// A node that has broken off, as its alert says.
CheckResult judge_alert(const std::string& place, const std::string& alert, bool has_certificate);

}  // namespace doctor
