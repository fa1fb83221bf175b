#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "keeper/recovery.h"
#include "net/acceptor.h"
#include "net/address.h"
#include "server/connections.h"

namespace server {

/// The EPMD server: accepts on its sockets, serves what can be served at once, and keeps the rest
/// as Connections. The loop and the service outlive it.
class Server {
 public:
  struct Policy {
    Connections::Limits limits = {};
    /// Who besides local peers may ask NAMES and PORT_PLEASE2; everybody when empty.
    std::vector<net::Network> allowed = {};
    /// To simulate a busy daemon, as the reference can: everybody waits before accepting.
    std::chrono::seconds delay_accept = {};
    /// Without a failure for so long, a shortage of descriptors is over.
    std::chrono::milliseconds recovered_after = std::chrono::seconds(10);
  };

  Server(event::Loop& loop, epmd::Service& service, Policy policy,
         std::vector<net::ListeningSocket> sockets, std::function<void()> on_shut_down);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  size_t connections() const { return connections_.size(); }

  /// Goes on with the sockets that a crashed server has left. `request` is what it had read of the
  /// request that is to be repeated. To be called once, before the loop runs.
  void recover(const keeper::Survivors& survivors, std::string_view request);

 private:
  enum class Accepted { one, none, failed };

  void accept_some(int listening);
  Accepted accept_one(int listening);
  Accepted on_accept_failed(int listening, int error_number);
  void serve(event::Descriptor socket, const net::Address& peer);
  void settle(Exchange&& exchange, Exchange::Progress progress);
  void restore(const keeper::Survivors::Name& name);
  epmd::Peer judge_peer(const net::Address& peer, int descriptor) const;
  void tell_exhausted(int error_number);
  void tell_recovered();
  void watch_memory();
  void record(epmd::EventKind kind, int descriptor, int64_t number = 0) const;

  event::Loop& loop_;
  epmd::Service& service_;
  Policy policy_;
  std::function<void()> on_shut_down_;
  bool is_exhausted_ = false;
  bool is_short_of_memory_ = false;
  event::Loop::Time last_exhausted_ = {};
  /// By listening socket.
  std::map<int, event::Loop::Time> last_full_turns_ = {};
  Connections connections_;
  net::Acceptor acceptor_;
};

/// The most connections that the process's descriptor limit allows, after it has raised its soft
/// limit to the hard one. A few descriptors are left for the daemon itself.
size_t raise_descriptor_limit();

/// How many of so many connections may hold a name: an eighth of them, but at most 64, is kept for
/// clients that only ask.
size_t registrations_of(size_t connections_max);

}  // namespace server
