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

Dialogue::Dialogue(Loop& loop, const Address& to, std::string opening,
                   std::chrono::milliseconds patience, OnBytes on_bytes, OnEnd on_end)
    : to_(to),
      opening_(std::move(opening)),
      on_bytes_(std::move(on_bytes)),
      on_end_(std::move(on_end)),
      timer_(loop) {
  timer_.start(patience, [this] { end(End::silent); });
  connect(loop);
}

void Dialogue::connect(Loop& loop) {
  socket_ = Descriptor(::socket(to_.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket_.is_open()) return end_soon(End::silent);
  const int status = ::connect(socket_.get(), to_.get(), to_.size());
  if (status != 0 && errno != EINPROGRESS) return end_soon(end_of(errno));
  poll_ = std::make_unique<Poll>(loop, socket_.get(), *this);
  poll_->wait(Poll::For::writing);
}

void Dialogue::on_ready() { is_connected_ ? read() : on_connected(); }

void Dialogue::on_connected() {
  if (const int failed = error_of(socket_.get())) return end(end_of(failed));
  is_connected_ = true;
  const ssize_t sent = send(socket_.get(), opening_.data(), opening_.size(), MSG_NOSIGNAL);
  if (sent != static_cast<ssize_t>(opening_.size())) return end(End::closed);
  poll_->wait(Poll::For::reading);
}

/// Once a turn of the loop: whoever sends without end takes nobody else's turn.
void Dialogue::read() {
  std::array<char, 65536> buffer;  // NOLINT: filled by recv
  const ssize_t count = recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return poll_->wait(Poll::For::reading);
  if (count <= 0) return end(End::closed);
  if (!on_bytes_({buffer.data(), static_cast<size_t>(count)})) return end(End::heard_enough);
  poll_->wait(Poll::For::reading);
}

/// Nobody is called back from within the constructor.
void Dialogue::end_soon(End how) {
  timer_.start(std::chrono::milliseconds(0), [this, how] { end(how); });
}

void Dialogue::end(End how) {
  timer_.stop();
  poll_.reset();
  socket_ = Descriptor();
  const OnEnd on_end = std::move(on_end_);
  on_end(how);
}

}  // namespace net
