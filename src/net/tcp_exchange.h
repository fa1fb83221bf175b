#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/operation.h"
#include "event/descriptor.h"
#include "event/poll_set.h"
#include "event/timer.h"
#include "net/address.h"
#include "tls/session.h"

namespace net {

/// A connection that we make: says one thing, and hands on what comes back, until whoever listens
/// has heard enough, the other side ends, or time is up. More can be said meanwhile. Destroyed, it
/// closes without a word.
class TcpExchange final : public base::Operation, public event::Poll::Waiter {
 public:
  enum class End {
    heard_enough,
    closed,      // the other side closed, or reset the connection, after having accepted it
    refused,     // nobody listens there
    silent,      // time was up, or the network failed
    tls_failed,  // as the session's failure() says
  };
  /// Returns false when it has heard enough.
  using OnBytes = std::function<bool(std::string_view bytes)>;
  using OnEnd = std::function<void(End)>;

  /// The other side may leave so much unread; more ends the exchange as silent.
  static constexpr size_t unsent_bytes_max = size_t{4} << 20;

  /// Of what came, so much is handed on in one iteration of the loop: a hundred strangers that say
  /// much hold up nobody's look-up for long.
  static constexpr size_t slice_bytes = 2048;

  /// With a session, all that is said goes through TLS; null: as it is.
  TcpExchange(event::Loop& loop, const Address& to, std::string opening,
              std::chrono::milliseconds timeout, OnBytes on_bytes, OnEnd on_end,
              std::shared_ptr<tls::Session> session = nullptr);

  /// Once something was heard. What the other side does not take at once follows when it does;
  /// until then, nothing is read.
  void send(std::string_view bytes);
  /// From now on, instead of what is left of the timeout. If this process is held up beyond it, the
  /// other side gets the time that was lost again, once, and no more than the timeout.
  void set_timeout(std::chrono::milliseconds timeout);
  /// Of the socket; it stays the exchange's.
  int descriptor() const { return socket_.get(); }
  /// Enough was heard.
  void end_soon() { end_soon(End::heard_enough); }

 private:
  void on_ready() override;
  void on_timeout(std::chrono::milliseconds timeout);
  void connect();
  void on_connected();
  void write();
  void wait_for(event::Poll::For purpose);
  void wait();
  void read();
  void decrypt(std::string_view bytes);
  void say_end_of_tls();
  void end_soon(End end);
  void end(End end);

  event::Loop& loop_;
  Address to_;
  std::string unsent_;
  OnBytes on_bytes_;
  OnEnd on_end_;
  std::shared_ptr<tls::Session> session_;
  bool is_connected_ = false;
  event::Descriptor socket_ = {};
  event::Timer timer_;
  event::Loop::Time due_ = {};
  std::optional<event::Watch> watch_ = {};
};

/// Why a socket could not connect, once it can be written; 0: it is connected.
int connect_error(int descriptor);

}  // namespace net
