#include "keeper/signals.h"

#include <sys/socket.h>
#include <unistd.h>

#include <csignal>

namespace keeper {
namespace {

/// sigsuspend(2) would wait for ever.
bool is_ignored(int signal_number) {
  struct sigaction action = {};
  sigaction(signal_number, nullptr, &action);
  return action.sa_handler == SIG_IGN;
}

/// Hears it once, whatever comes from elsewhere: while it is pending it stays one signal, and
/// sigsuspend(2) lets one in. Unblocked for a moment, another could come in that moment.
void take(int signal_number) {
  if (is_ignored(signal_number)) return;
  sigset_t others;
  sigfillset(&others);
  sigdelset(&others, signal_number);
  ::kill(getpid(), signal_number);
  sigsuspend(&others);
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
