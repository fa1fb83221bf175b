#include "server/exchange.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>
#include <utility>

namespace server {
namespace {

using epmd::EventKind;
using epmd::Verdict;

bool is_would_block(int error_number) {
  return error_number == EAGAIN || error_number == EWOULDBLOCK;
}

ssize_t retry_interrupted(auto call) {
  ssize_t result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

}  // namespace

Exchange::~Exchange() {
  if (socket_.is_open()) record(EventKind::connection_closed);
}

Exchange::Progress Exchange::advance() {
  return verdict_ == Verdict::read_on || bytes_unsent() == 0 ? read() : write();
}

Exchange::Progress Exchange::read() {
  std::array<char, epmd::read_bytes_max> buffer;  // NOLINT: filled by recv
  const size_t wanted = session_.bytes_wanted();
  char* const into = place_to_read(buffer.data());
  const ssize_t count = retry_interrupted([&] { return recv(socket_.get(), into, wanted, 0); });
  may_be_unread_ = count == static_cast<ssize_t>(wanted);
  if (count > 0) return judge({into, static_cast<size_t>(count)});
  if (count < 0 && is_would_block(errno))
    return session_.is_kept() ? Progress::kept : Progress::wants_read;
  session_.peer_ended(count < 0 ? errno : 0);
  return Progress::finished;
}

/// What a registered node sends is no request: it only ends the registration.
char* Exchange::place_to_read(char* otherwise) const {
  if (!service_->slot || session_.is_kept()) return otherwise;
  return service_->slot->begin(socket_.get(), session_.bytes_received());
}

Exchange::Progress Exchange::repeat(std::string_view bytes) {
  may_be_unread_ = bytes.size() == session_.bytes_wanted();
  return judge(bytes);
}

Exchange::Progress Exchange::judge(std::string_view bytes) {
  record(EventKind::bytes_read, 0, bytes);
  const bool is_request = !session_.is_kept();
  verdict_ = session_.receive(bytes, reply_);
  if (verdict_ == Verdict::read_on) return Progress::wants_read;
  if (reply_.view().empty()) return end_of_reply();
  if (service_->slot && is_request) service_->slot->reply_bytes = reply_.view().size();
  if (service_->delay_write.count() > 0) simulate_busyness();
  const Progress progress = write();
  // The daemon obeys a KILL_REQ also when its client is gone, or does not take the reply.
  return verdict_ == Verdict::shut_down ? Progress::shut_down : progress;
}

/// -delay_write holds up the whole daemon, as it does in the reference, whose only use for it is
/// that. There each line of a listing is a write of its own.
void Exchange::simulate_busyness() const {
  const std::string_view reply = reply_.view();
  const auto lines = std::count(reply.begin(), reply.end(), '\n');
  std::this_thread::sleep_for(service_->delay_write * (lines + 1));
}

Exchange::Progress Exchange::write() {
  // Closing comes next, so the reply waits for the FIN and both leave in one segment. Not when
  // bytes after the request may be unread: closing on them resets the connection, and would drop
  // a reply that still waits.
  const bool is_last = verdict_ == Verdict::close && !may_be_unread_;
  const int flags = MSG_NOSIGNAL | MSG_DONTWAIT | (is_last ? MSG_MORE : 0);
  while (bytes_unsent() > 0) {
    const std::string_view rest = reply_.view().substr(sent_);
    const ssize_t count =
        retry_interrupted([&] { return send(socket_.get(), rest.data(), rest.size(), flags); });
    if (count < 0 && is_would_block(errno)) return Progress::wants_write;
    if (count < 0) {
      record(EventKind::write_failed, errno);
      return Progress::finished;
    }
    record(EventKind::bytes_written, 0, rest.substr(0, static_cast<size_t>(count)));
    sent_ += static_cast<size_t>(count);
  }
  return end_of_reply();
}

Exchange::Progress Exchange::end_of_reply() const {
  return verdict_ == Verdict::keep_while_alive ? Progress::kept : Progress::finished;
}

bool Exchange::peer_has_ended() const {
  char byte = 0;
  const ssize_t count =
      retry_interrupted([&] { return recv(socket_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT); });
  return count >= 0 || !is_would_block(errno);
}

void Exchange::record(EventKind kind, int64_t number, std::string_view text) const {
  service_->event_sink.record(
      {.kind = kind, .descriptor = socket_.get(), .number = number, .text = text});
}

}  // namespace server
