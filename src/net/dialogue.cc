#include "net/dialogue.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

namespace net {
namespace {

int error_of(int descriptor) {
  int error_number = 0;
  socklen_t size = sizeof error_number;
  getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error_number, &size);
  return error_number;
}

Dialogue::End end_of(int error_number) {
  return error_number == ECONNREFUSED ? Dialogue::End::refused : Dialogue::End::silent;
}

}  // namespace

Dialogue::Dialogue(event::Loop& loop, const Address& to, std::string opening,
                   std::chrono::milliseconds patience, OnBytes on_bytes, OnEnd on_end)
    : to_(to),
      unsent_(std::move(opening)),
      on_bytes_(std::move(on_bytes)),
      on_end_(std::move(on_end)),
      timer_(loop) {
  have_patience(patience);
  connect(loop);
}

void Dialogue::have_patience(std::chrono::milliseconds patience) {
  timer_.start(patience, [this] { end(End::silent); });
}

void Dialogue::connect(event::Loop& loop) {
  socket_ =
      event::Descriptor(::socket(to_.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket_.is_open()) return end_soon(End::silent);
  const int status = ::connect(socket_.get(), to_.get(), to_.size());
  if (status != 0 && errno != EINPROGRESS) return end_soon(end_of(errno));
  poll_ = std::make_unique<event::Poll>(loop, socket_.get(), *this);
  poll_->wait(event::Poll::For::writing);
}

void Dialogue::on_ready() {
  if (!is_connected_) return on_connected();
  if (unsent_.empty()) return read();
  write();
  wait();
}

void Dialogue::on_connected() {
  if (const int failed = error_of(socket_.get())) return end(end_of(failed));
  is_connected_ = true;
  write();
  wait();
}

void Dialogue::say(std::string_view bytes) {
  if (unsent_.size() + bytes.size() > unsent_bytes_max) return end_soon(End::silent);
  const bool is_first = unsent_.empty();
  unsent_ += bytes;
  if (is_first) write();
  wait();
}

/// That the connection has failed is seen by reading.
void Dialogue::write() {
  const ssize_t sent = send(socket_.get(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
  if (sent >= 0) unsent_.erase(0, static_cast<size_t>(sent));
  if (sent < 0 && errno != EAGAIN && errno != EINTR) unsent_.clear();
}

void Dialogue::wait() {
  poll_->wait(unsent_.empty() ? event::Poll::For::reading : event::Poll::For::writing);
}

/// Once in an iteration of the loop.
void Dialogue::read() {
  std::array<char, slice_bytes> buffer;  // NOLINT: filled by recv
  const ssize_t count = recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return wait();
  if (count <= 0) return end(End::closed);
  if (!on_bytes_({buffer.data(), static_cast<size_t>(count)})) return end(End::heard_enough);
  wait();
}

/// Nobody is called back from within the constructor.
void Dialogue::end_soon(End how) {
  timer_.start(std::chrono::milliseconds(0), [this, how] { end(how); });
}

void Dialogue::end(End how) {
  timer_.stop();
  poll_.reset();
  socket_ = event::Descriptor();
  const OnEnd on_end = std::move(on_end_);
  on_end(how);
}

}  // namespace net
