#include "keeper/signals.h"

#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <utility>

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
  sigset_t before;
  sigset_t only;
  sigset_t others;
  sigemptyset(&only);
  sigaddset(&only, signal_number);
  sigfillset(&others);
  sigdelset(&others, signal_number);
  sigprocmask(SIG_BLOCK, &only, &before);
  ::kill(getpid(), signal_number);
  sigsuspend(&others);
  sigprocmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace

Signals::Signals(event::Loop& loop, const Life& life, OnRefused on_refused)
    : channel_(life.channel),
      state_(map_state(life.memory)),
      on_refused_(std::move(on_refused)),
      poll_(loop, channel_, *this) {
  poll_.wait(event::Poll::For::reading);
}

void Signals::on_ready() {
  Message message;
  if (recv(channel_, &message, sizeof message, MSG_DONTWAIT) != sizeof message) return;
  if (message.question != 0 && state_) state_->answered = message.question;
  if (message.signal_number != 0) take(message.signal_number);
  if (message.refusal.front() != '\0') on_refused_(message.refusal.data());
}

}  // namespace keeper
