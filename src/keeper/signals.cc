#include "keeper/signals.h"

#include <sys/socket.h>
#include <unistd.h>

#include <csignal>

namespace keeper {
namespace {

/// A signal that is blocked and pending for the process stays one signal, so one that has come from
/// elsewhere makes no second.
void take(int signal_number) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal_number);
  ::kill(getpid(), signal_number);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

}  // namespace

Signals::Signals(event::Loop& loop, const Life& life)
    : channel_(life.channel), poll_(loop, channel_, *this) {
  poll_.wait(event::Poll::For::reading);
}

void Signals::on_ready() {
  int signal_number = 0;
  if (recv(channel_, &signal_number, sizeof signal_number, MSG_DONTWAIT) == sizeof signal_number)
    take(signal_number);
}

}  // namespace keeper
