#include "net/tcp_exchange.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace net {
namespace {

/// A timer is later than this only if the process was held up: paused, or without a processor.
constexpr std::chrono::milliseconds lateness_max(50);

TcpExchange::End end_of(int error_number) {
  return error_number == ECONNREFUSED ? TcpExchange::End::refused : TcpExchange::End::silent;
}

}  // namespace

int connect_error(int descriptor) {
  int error_number = 0;
  socklen_t size = sizeof error_number;
  getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error_number, &size);
  return error_number;
}

TcpExchange::TcpExchange(event::Loop& loop, const Address& to, std::string opening,
                         std::chrono::milliseconds timeout, OnBytes on_bytes, OnEnd on_end,
                         std::shared_ptr<tls::Session> session)
    : loop_(loop),
      to_(to),
      unsent_(std::move(opening)),
      on_bytes_(std::move(on_bytes)),
      on_end_(std::move(on_end)),
      session_(std::move(session)),
      timer_(loop) {
  if (session_) session_->send(std::exchange(unsent_, {}));
  if (session_) unsent_ = session_->take_outgoing();
  set_timeout(timeout);
  connect();
}

void TcpExchange::set_timeout(std::chrono::milliseconds timeout) {
  timer_.start(timeout, [this, timeout] { on_timeout(timeout); });
  due_ = loop_.now() + timeout;
}

/// libuv calls timers before it polls: an answer that came in time may still be unread.
void TcpExchange::on_timeout(std::chrono::milliseconds timeout) {
  const auto late_by = loop_.now() - due_;
  if (late_by <= lateness_max) return end(End::silent);
  timer_.start(std::min(late_by, timeout), [this] { end(End::silent); });
}

void TcpExchange::connect() {
  socket_ =
      event::Descriptor(::socket(to_.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket_.is_open()) return end_soon(End::silent);
  const int status = ::connect(socket_.get(), to_.get(), to_.size());
  if (status != 0 && errno != EINPROGRESS) return end_soon(end_of(errno));
  watch_.emplace(loop_.polls(), socket_.get(), *this);
  wait_for(event::Poll::For::writing);
}

void TcpExchange::on_ready() {
  if (!is_connected_) return on_connected();
  if (unsent_.empty()) return read();
  write();
  wait();
}

void TcpExchange::on_connected() {
  if (const int failed = connect_error(socket_.get())) return end(end_of(failed));
  is_connected_ = true;
  write();
  wait();
}

void TcpExchange::send(std::string_view bytes) {
  if (unsent_.size() + bytes.size() > unsent_bytes_max) return end_soon(End::silent);
  const bool is_first = unsent_.empty();
  if (session_) session_->send(bytes);
  unsent_ += session_ ? session_->take_outgoing() : bytes;
  if (is_first) write();
  wait();
}

/// That the connection has failed is seen by reading.
void TcpExchange::write() {
  const ssize_t sent = ::send(socket_.get(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
  if (sent >= 0) unsent_.erase(0, static_cast<size_t>(sent));
  if (sent < 0 && errno != EAGAIN && errno != EINTR) unsent_.clear();
}

void TcpExchange::wait() {
  wait_for(unsent_.empty() ? event::Poll::For::reading : event::Poll::For::writing);
}

void TcpExchange::wait_for(event::Poll::For purpose) {
  if (!watch_->wait(purpose)) end_soon(End::silent);
}

/// Once in an iteration of the loop.
void TcpExchange::read() {
  std::array<char, slice_bytes> buffer;  // NOLINT: filled by recv
  const ssize_t count = recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return wait();
  if (count <= 0) return end(End::closed);
  if (session_) return decrypt({buffer.data(), static_cast<size_t>(count)});
  if (!on_bytes_({buffer.data(), static_cast<size_t>(count)})) return end(End::heard_enough);
  wait();
}

/// What was said before the session ended counts.
void TcpExchange::decrypt(std::string_view bytes) {
  const tls::Session::State state = session_->receive(bytes);
  unsent_ += session_->take_outgoing();
  if (!unsent_.empty()) write();
  const std::string plain = session_->take_received();
  if (!plain.empty() && !on_bytes_(plain)) return end(End::heard_enough);
  if (state == tls::Session::State::failed) return end(End::tls_failed);
  if (state == tls::Session::State::closed) return end(End::closed);
  wait();
}

/// As well as the socket takes it at once: whoever hears nothing of it sees the connection end.
void TcpExchange::say_end_of_tls() {
  session_->close();
  unsent_ += session_->take_outgoing();
  write();
}

/// Nobody is called back from within the constructor.
void TcpExchange::end_soon(End how) {
  timer_.start(std::chrono::milliseconds(0), [this, how] { end(how); });
}

void TcpExchange::end(End how) {
  timer_.stop();
  if (session_ && is_connected_) say_end_of_tls();
  watch_.reset();
  socket_ = event::Descriptor();
  const OnEnd on_end = std::move(on_end_);
  on_end(how);
}

}  // namespace net
