#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/operation.h"
#include "base/result.h"
#include "dist/cookie.h"
#include "dist/handshake.h"
#include "dist/rpc.h"
#include "event/loop.h"
#include "net/address.h"
#include "net/tcp_exchange.h"
#include "tls/client.h"

namespace probe {

/// A distribution connection to a node, as a hidden node that the node itself has named. Either
/// proves the cookie to the other; a node that cannot is told nothing. Then functions can be
/// called there and messages sent, until finish(), or until the node ends it. Destroyed, it closes
/// without a word, and nobody is called back.
class DistConnection final : public base::Operation {
 public:
  enum class End {
    finished,
    refused,       // nobody listens there
    silent,        // nothing came before the timeout
    closed,        // the node closed, or went
    wrong_cookie,  // it closed on our proof: it has another cookie, and has logged that
    impostor,      // it let us in, but does not know the cookie itself
    stranger,      // another node is there, or another life of this one
    not_allowed,   // it refuses strangers
    speaks_tls,    // TLS distribution
    nonsense,      // it speaks no distribution that we understand
    tls_failed,    // as why() says, or our own certificate cannot be used
    foreign_user,  // another user's process is there, or it is not known whose: nothing was proved
  };
  /// Who is to be there.
  struct Node {
    net::Address address = {};
    std::string name = {};
    uint32_t creation = 0;
    /// The user whose process must have accepted the connection before the cookie is proved to it.
    /// Nothing: it is proved to whatever is there.
    std::optional<uid_t> user = {};
  };
  /// The part of our name that a node leaves to us. It is no host's, so that nobody connects back.
  static constexpr std::string_view own_host_part = "epmd";

  /// None of these may destroy the Link but on_ended.
  struct Listener {
    std::function<void()> on_connected;
    /// As dist::Rpc::Answer has it.
    std::function<void(uint32_t call, const std::string& term)> on_answer;
    std::function<void(End)> on_ended;
  };

  /// For the handshake, and from then on for an answer: since the last, or since something was
  /// asked.
  static constexpr std::chrono::milliseconds handshake_timeout = std::chrono::seconds(5);
  /// A node takes 7 to 8 seconds to find out that it cannot connect to another.
  static constexpr std::chrono::milliseconds answer_timeout = std::chrono::seconds(15);
  /// A node that sends more than this without an answer in it is none.
  static constexpr size_t bytes_max = size_t{16} << 20;

  /// Through TLS, if there is a client for it; null: without. The client may go.
  DistConnection(event::Loop& loop, Node node, dist::Cookie cookie, Listener listener,
                 tls::Client* tls);

  /// Once connected. The answer comes with the same number, in any order.
  void call(uint32_t number, const dist::Rpc::Call& call);
  /// Once connected: as if something was asked, for what keeps us busy ourselves.
  void renew_timeout();
  /// Once connected. What was answered after it has arrived after it.
  void send(std::string_view registered_name, std::string_view term);
  /// Once connected: nothing more is wanted. on_ended follows, and nothing else.
  void finish();
  bool is_finished() const { return is_finished_; }
  /// Why TLS failed.
  const std::string& why() const { return why_; }
  /// Whose process has accepted the connection, once that was looked at.
  const base::Result<uid_t>& peer_user() const { return peer_user_; }

 private:
  void connect(event::Loop& loop);
  void fail_soon(event::Loop& loop, const std::string& why);
  bool on_bytes(std::string_view bytes);
  bool shake_hands(std::string_view bytes);
  bool prove();
  bool is_right_host();
  bool is_right_user();
  bool begin();
  bool take_packets(std::string_view bytes);
  bool end_as(End end);
  void on_closed(net::TcpExchange::End end);

  Node node_;
  /// Until it is needed no more.
  std::optional<dist::Cookie> cookie_;
  Listener listener_;
  base::Result<uid_t> peer_user_ = base::Error{};
  std::shared_ptr<tls::Session> session_;
  dist::Handshake handshake_;
  std::unique_ptr<dist::Rpc> rpc_ = {};
  bool has_proved_ = false;
  bool is_finished_ = false;
  size_t bytes_ = 0;  // since the last answer
  End end_ = End::finished;
  std::string why_ = {};
  std::unique_ptr<net::TcpExchange> exchange_ = {};
  base::Pending failing_ = {};
};

}  // namespace probe
