#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "event/poll_set.h"
#include "event/timer.h"
#include "http/limits.h"
#include "http/message.h"

namespace http {

/// Somebody who asks over HTTP: one request after another, or one answer that goes on.
class Connection final : public event::Poll::Waiter {
 public:
  /// Who keeps it, and outlives it. The last three destroy it.
  class Owner {
   public:
    virtual ~Owner() = default;

    virtual Response respond(const Request& request) = 0;
    /// It has asked, and its answer is there to be written.
    virtual void on_asked(Connection& connection) = 0;
    /// A request was not whole in time, or an answer not taken.
    virtual void on_too_slow(Connection& connection) = 0;
    /// It does not read as fast as its answer goes on.
    virtual void on_far_behind(Connection& connection) = 0;
    /// It is done.
    virtual void erase(Connection& connection) = 0;
  };

  /// What is given outlives it. `held` counts the answers that it has not taken.
  Connection(Owner& owner, const Limits& limits, HeldTexts& held, event::Loop& loop,
             event::PollSet& polled, event::Descriptor socket);

  ~Connection() override;

  void on_ready() override;
  /// False: it cannot be waited for.
  [[nodiscard]] bool begin();
  /// More of the answer that goes on. May destroy it.
  void stream(const SharedText& bytes);
  bool is_stream() const { return mode_ == Mode::streaming; }
  /// Whether an answer waits for it to read.
  bool is_reading() const { return !unsent_.empty(); }

  /// Where the server keeps it.
  std::list<std::unique_ptr<Connection>>::iterator position = {};

 private:
  enum class Mode {
    asking,     // reads and answers
    streaming,  // an answer goes on
    leaving,    // all is said; what still comes is thrown away, so that it is not lost
  };

  bool read();
  bool take(std::string_view bytes);
  bool answer(Request request);
  void send(const Response& response, bool is_head, bool may_stay);
  bool write();
  bool write_on();
  void leave();
  bool go_on();
  bool is_between_requests() const;
  void expect(std::chrono::milliseconds timeout);

  Owner& owner_;
  const Limits& limits_;
  event::Descriptor socket_;
  event::Watch watch_;
  event::Timer timeout_;
  Reader reader_ = {};
  Mode mode_ = Mode::asking;
  bool is_last_ = false;  // answer
  bool is_expecting_rest_ = false;
  bool is_behind_ = false;  // requests are there that are not looked at yet
  size_t discarded_ = 0;
  std::optional<Request> waiting_ = {};  // for its answer to be made
  Outgoing unsent_;
};

}  // namespace http
