#include "http/connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

namespace http {
namespace {

/// Whoever has been told no may still be sending. Closed at once, the kernel would take the answer
/// back from him (RST).
constexpr std::chrono::milliseconds leaving_timeout = std::chrono::seconds(1);
constexpr size_t discarded_bytes_max = size_t{4} << 20;
/// A peer that has gone without a word is noticed by what it does not acknowledge.
constexpr unsigned unacknowledged_ms_max = 60'000;
/// To copy this into the kernel takes some 20 µs. A whole answer may take milliseconds, in which
/// EPMD's clients would wait.
constexpr size_t sent_per_turn_max = 65536;

bool may_pass(int error_number) {
  return error_number == EAGAIN || error_number == EWOULDBLOCK || error_number == EINTR;
}

}  // namespace

Connection::Connection(Owner& owner, const Limits& limits, HeldTexts& held, event::Loop& loop,
                       event::PollSet& polled, event::Descriptor socket)
    : owner_(owner),
      limits_(limits),
      socket_(std::move(socket)),
      watch_(polled, socket_.get(), *this),
      timeout_(loop),
      unsent_(held) {
  setsockopt(socket_.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_ms_max,
             sizeof unacknowledged_ms_max);
}

Connection::~Connection() = default;

bool Connection::begin() {
  expect(limits_.request_timeout);
  return go_on();
}

void Connection::on_ready() {
  bool stays = false;
  if (waiting_)
    stays = answer(*std::exchange(waiting_, std::nullopt));
  else if (unsent_.empty() && !is_behind_)
    stays = read();
  else
    stays = write_on();
  if (!stays) owner_.erase(*this);
}

/// Once an answer is taken, the next request may be there already.
bool Connection::write_on() {
  if (!write()) return false;
  return unsent_.empty() && mode_ == Mode::asking ? take({}) : go_on();
}

bool Connection::read() {
  std::array<char, 16384> bytes;  // NOLINT: filled by recv
  const ssize_t count = recv(socket_.get(), bytes.data(), bytes.size(), 0);
  if (count < 0) return may_pass(errno);
  if (count == 0) return false;
  const auto size = static_cast<size_t>(count);
  if (mode_ == Mode::asking) return take({bytes.data(), size});
  discarded_ += size;
  return discarded_ <= discarded_bytes_max;
}

/// One request at a turn, and the next only when its answer is taken: others on the loop have
/// theirs in between, however many stand behind it.
bool Connection::take(std::string_view bytes) {
  is_behind_ = false;
  const auto state = reader_.receive(bytes);
  if (state == Reader::State::whole) {
    is_expecting_rest_ = false;
    expect(limits_.answer_timeout);  // one that is made in steps takes its time, too
    return answer(reader_.take());
  }
  if (state == Reader::State::wrong) {
    send(reader_.fault(), false, false);
    return write() && go_on();
  }
  if (reader_.has_begun() && !std::exchange(is_expecting_rest_, true))
    expect(limits_.request_timeout);
  return go_on();
}

bool Connection::answer(Request request) {
  const Response response = owner_.respond(request);
  if (response.is_later) {
    waiting_ = std::move(request);
    return go_on();
  }
  const bool is_head = request.method == "HEAD";
  send(response, is_head, request.may_stay);
  if (response.is_stream && !is_head) mode_ = Mode::streaming;
  owner_.on_asked(*this);
  if (!write()) return false;
  is_behind_ = mode_ == Mode::asking && unsent_.empty() && reader_.has_begun();
  return go_on();
}

void Connection::send(const Response& response, bool is_head, bool may_stay) {
  is_last_ = !may_stay || response.is_stream;
  unsent_.add(encode(response, is_head, may_stay));
  if (!is_head) {
    for (const SharedText& text : response.shared) unsent_.add(text);
    unsent_.add(response.tail);
  }
  expect(limits_.answer_timeout);
}

bool Connection::write() {
  if (unsent_.empty()) return true;
  if (unsent_.send(socket_.get(), sent_per_turn_max) < 0) return may_pass(errno);
  if (!unsent_.empty()) return true;
  if (mode_ == Mode::streaming) {
    timeout_.stop();
    return true;
  }
  if (mode_ == Mode::leaving) return true;
  if (is_last_) {
    leave();
    return true;
  }
  expect(limits_.idle_timeout);
  return true;
}

void Connection::stream(const SharedText& bytes) {
  const bool is_waiting = !unsent_.empty();
  unsent_.add(bytes);
  if (unsent_.size() > limits_.unsent_bytes_max)
    owner_.on_far_behind(*this);
  else if ((!is_waiting && !write()) || !go_on())
    owner_.erase(*this);
}

void Connection::leave() {
  mode_ = Mode::leaving;
  shutdown(socket_.get(), SHUT_WR);
  expect(leaving_timeout);
}

bool Connection::go_on() {
  const bool is_at_rest = unsent_.empty() && !is_behind_ && !waiting_;
  return watch_.wait(is_at_rest ? event::Poll::For::reading : event::Poll::For::writing);
}

void Connection::expect(std::chrono::milliseconds timeout) {
  timeout_.start(timeout, [this] {
    if (is_between_requests())
      owner_.erase(*this);
    else
      owner_.on_too_slow(*this);
  });
}

bool Connection::is_between_requests() const {
  const bool is_at_rest = mode_ == Mode::leaving || !reader_.has_begun();
  return mode_ != Mode::streaming && unsent_.empty() && !waiting_ && is_at_rest;
}

}  // namespace http
