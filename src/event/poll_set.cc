#include "event/poll_set.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace event {
namespace {

int make_epoll() {
  const int made = epoll_create1(EPOLL_CLOEXEC);
  if (made < 0) give_up("cannot poll connections", std::strerror(errno));
  return made;
}

}  // namespace

PollSet::PollSet(Loop& loop, int told_per_turn)
    : epoll_(make_epoll()),
      told_per_turn_(std::min(told_per_turn, told_per_turn_max)),
      poll_(loop, epoll_.get(), *this) {
  poll_.wait(Poll::For::reading);
}

void PollSet::on_ready() {
  std::array<epoll_event, told_per_turn_max> events;  // NOLINT: filled by epoll_wait
  const int count = epoll_wait(epoll_.get(), events.data(), told_per_turn_, 0);
  untold_ = {events.data(), static_cast<size_t>(std::max(count, 0))};
  while (!untold_.empty()) {
    auto* const watch = static_cast<Watch*>(untold_.front().data.ptr);
    untold_ = untold_.subspan(1);
    if (watch) watch->waiter_.on_ready();
  }
}

Watch::~Watch() {
  // A process that was forked meanwhile may have the socket too, and keep it in the set.
  if (events_ != 0) epoll_ctl(set_.epoll_.get(), EPOLL_CTL_DEL, descriptor_, nullptr);
  for (epoll_event& event : set_.untold_)
    if (event.data.ptr == this) event.data.ptr = nullptr;
}

bool Watch::wait(Poll::For purpose) {
  epoll_event event = {};
  event.events = purpose == Poll::For::reading ? EPOLLIN : EPOLLOUT;
  event.data.ptr = this;
  if (event.events == events_) return true;
  const int operation = events_ == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  if (epoll_ctl(set_.epoll_.get(), operation, descriptor_, &event) != 0) return false;
  events_ = event.events;
  return true;
}

}  // namespace event
