#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/operation.h"
#include "net/address.h"
#include "net/descriptor.h"
#include "net/poll.h"
#include "net/timer.h"

namespace net {

/// A connection that we make: says one thing, and hands on what comes back, until whoever listens
/// has heard enough, the other side ends, or time is up. Destroyed, it closes without a word.
class Dialogue final : public base::Operation, public Poll::Waiter {
 public:
  enum class End {
    heard_enough,
    closed,   // the other side closed, or reset the connection, after having accepted it
    refused,  // nobody listens there
    silent,   // time was up, or the network failed
  };
  /// Returns false when it has heard enough.
  using OnBytes = std::function<bool(std::string_view bytes)>;
  using OnEnd = std::function<void(End)>;

  /// `opening` must fit into a fresh socket's buffer, as any EPMD request or handshake does.
  Dialogue(Loop& loop, const Address& to, std::string opening, std::chrono::milliseconds patience,
           OnBytes on_bytes, OnEnd on_end);

 private:
  void on_ready() override;
  void connect(Loop& loop);
  void on_connected();
  void read();
  void end_soon(End end);
  void end(End end);

  Address to_;
  std::string opening_;
  OnBytes on_bytes_;
  OnEnd on_end_;
  bool is_connected_ = false;
  Descriptor socket_ = {};
  Timer timer_;
  std::unique_ptr<Poll> poll_ = {};
};

}  // namespace net
