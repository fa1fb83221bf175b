#include "keeper/keeper.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <string>
#include <utility>

#include "base/system_error.h"
#include "keeper/control.h"
#include "keeper/server_process.h"
#include "keeper/shared_memory.h"
#include "keeper/state.h"
#include "keeper/survey.h"
#include "net/systemd.h"

namespace keeper {
namespace {

constexpr size_t state_text_max = 512;

/// What the keeper hears.
sigset_t set_of_heard(const std::vector<int>& passed_on) {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : passed_on) sigaddset(&set, number);
  sigaddset(&set, SIGCHLD);
  return set;
}

event::Descriptor signals_to_read(const std::vector<int>& passed_on) {
  const sigset_t set = set_of_heard(passed_on);
  return event::Descriptor(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

CrashLimit::Time now() {
  return std::chrono::duration_cast<CrashLimit::Time>(
      std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace

/// How a server has ended.
struct Keeper::Ended {
  int status = 0;
  int signal_number = 0;
};

base::Result<Keeper> Keeper::create(Beginning beginning) {
  std::array<int, 2> ends = {};
  std::signal(SIGXFSZ, SIG_IGN);  // NOLINT: RLIMIT_FSIZE refuses memory then, and kills nobody
  std::signal(SIGPIPE, SIG_IGN);  // NOLINT: as in the server
  if (open_descriptors().empty()) return base::Error{"/proc/self/fd cannot be read"};
  auto memory = beginning.handover ? base::Result(event::Descriptor(beginning.handover->memory))
                                   : SharedMemory::create();
  if (!memory) return memory.error();
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0)
    return base::system_error("socketpair");
  event::Descriptor channel(ends[0]);
  event::Descriptor servers_end(ends[1]);
  event::Descriptor signals = signals_to_read(beginning.signals);
  if (!signals.is_open()) return base::system_error("signalfd");
  return Keeper(std::move(beginning), std::move(*memory), std::move(channel),
                std::move(servers_end), std::move(signals));
}

Keeper::Keeper(Beginning beginning, event::Descriptor memory, event::Descriptor channel,
               event::Descriptor servers_end, event::Descriptor signals)
    : beginning_(std::move(beginning)),
      memory_(std::move(memory)),
      channel_(std::move(channel)),
      servers_end_(std::move(servers_end)),
      signals_(std::move(signals)) {
  announced_ = announce(beginning_.ports);
  state_ = map_state(memory_.get());
  command_ = AdoptedCommand(state_ ? &state_->command : nullptr);
  life_.keeper = getpid();
  pair_ = beginning_.handover ? beginning_.handover->pair : StoredPair{};
  if (pair_.in < 0 && beginning_.has_store) pair_ = offer_to_store(memory_.get());
  life_.pair = pair_;
  life_.memory = memory_.get();
  life_.channel = servers_end_.get();
  if (!beginning_.handover) return;
  life_.follows = beginning_.is_restart ? Follows::ended_daemon : Follows::replaced_program;
  life_.requester = beginning_.handover->requester;
}

/// What a server must not close, as it is open now.
void Keeper::prepare_life() {
  life_.kept = beginning_.kept;
  life_.kept.insert(life_.kept.end(), {memory_.get(), channel_.get(), servers_end_.get(),
                                       signals_.get(), pair_.in, pair_.out});
  for (const int descriptor : upgrade_.descriptors()) life_.kept.push_back(descriptor);
  for (const event::Descriptor& each : announced_) life_.kept.push_back(each.get());
}

base::Result<int> Keeper::run(const Server& server) {
  const pid_t keeper = getpid();
  const sigset_t heard = set_of_heard(beginning_.signals);
  sigset_t before;
  sigprocmask(SIG_BLOCK, &heard, &before);
  // A program that was replaced has left them blocked, so that none ends this one at its start.
  for (const int number : beginning_.signals) sigdelset(&before, number);
  sigdelset(&before, SIGCHLD);
  // The command of a server that has crashed becomes our child.
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  while (true) {
    prepare_life();
    const pid_t process = clone_with_descriptors();
    if (process == 0) return live(keeper, before, server);
    if (process < 0) {
      sigprocmask(SIG_SETMASK, &before, nullptr);
      return base::system_error("clone");
    }
    // The options may have changed since we have read them.
    if (has_hung_up_ && life_.follows == Follows::crashed_server) send({.signal_number = SIGHUP});
    const Ended ended = wait_for(process);
    if (!goes_on_after(ended))
      return ended.signal_number == 0 ? ended.status : end_by(ended.signal_number);
  }
}

/// Whether there is to be another server.
bool Keeper::goes_on_after(const Ended& ended) {
  life_.requester = -1;
  if (ended.signal_number == 0) return false;
  if (std::exchange(is_replaced_, false)) {
    announced_.clear();  // the new program has its own
    refuse(upgrade_.replace(handover()));
    announced_ = announce(beginning_.ports);
  } else {
    const CrashLimit::Next next = limit_.note(now());
    if (next == CrashLimit::Next::give_up || !command_.may_go_on(is_ending_)) return false;
    life_.lets_go = next == CrashLimit::Next::let_go;
  }
  life_.follows = Follows::crashed_server;
  life_.last_signal = ended.signal_number;
  return true;
}

/// The server never takes the signals itself that we send on: Ctrl-C and systemd signal both
/// processes, and it would hear each of them twice.
int Keeper::live(int keeper, sigset_t signals, const Server& server) {
  end_with(keeper, pair_.in >= 0 ? keeper_died() : SIGKILL);
  for (const int number : beginning_.signals) sigaddset(&signals, number);
  sigprocmask(SIG_SETMASK, &signals, nullptr);
  for (event::Descriptor* const ours : {&memory_, &channel_, &servers_end_, &signals_})
    ours->release();  // closed here, they would be closed in the keeper too
  for (event::Descriptor& each : announced_) each.release();
  upgrade_.release();
  return server(life_);
}

Keeper::Ended Keeper::wait_for(int process) {
  std::array<pollfd, 3> waited = {pollfd{signals_.get(), POLLIN, 0},
                                  pollfd{channel_.get(), POLLIN, 0},
                                  pollfd{upgrade_.control(), POLLIN, 0}};
  Watchdog watchdog(now());
  life_.was_hung = false;
  while (true) {
    if (const std::optional<Ended> ended = reap(process)) return *ended;
    poll(waited.data(), waited.size(), time_left(watchdog));
    watch(watchdog, process);
    pass_on_signal();
    pass_on_states();
    if (waited.back().revents != 0) upgrade_.on_request(handover());
    upgrade_.on_time();
  }
}

/// Milliseconds, for poll(2).
int Keeper::time_left(const Watchdog& watchdog) const {
  const auto left = static_cast<int>(watchdog.time_left(now()).count());
  const int of_trial = upgrade_.time_left();
  return of_trial < 0 ? left : std::min(left, of_trial);
}

void Keeper::watch(Watchdog& watchdog, int process) {
  const uint64_t answered = state_ ? state_->answered : watchdog.asked();
  switch (watchdog.look(now(), answered)) {
    case Watchdog::Next::wait: return;
    case Watchdog::Next::ask: return send({.question = watchdog.asked()});
    case Watchdog::Next::kill: life_.was_hung = kill(process, SIGKILL) == 0;
  }
}

/// Reaps every child: the first process of a container is the parent of all that lose their own.
std::optional<Keeper::Ended> Keeper::reap(int process) {
  int status = 0;
  for (pid_t ended = 0; (ended = waitpid(-1, &status, WNOHANG)) > 0;) {
    if (ended == upgrade_.trial()) on_trial_ended(status, process);
    if (command_.note_ended(ended, status)) send({.signal_number = SIGCHLD});
    if (ended != process) continue;
    pass_on_states();
    return Ended{WEXITSTATUS(status), WIFSIGNALED(status) ? WTERMSIG(status) : 0};
  }
  command_.see_to_stop();
  return std::nullopt;
}

/// The server is ended as by a crash: the program that follows finds all that it needs.
void Keeper::on_trial_ended(int status, int process) {
  const std::optional<std::string> refusal = upgrade_.on_trial_ended(status);
  is_replaced_ = !refusal && command_.may_go_on(is_ending_);
  if (is_replaced_)
    kill(process, SIGKILL);
  else
    refuse(refusal.value_or("the daemon was asked to end"));
}

void Keeper::pass_on_signal() {
  signalfd_siginfo signal = {};
  while (read(signals_.get(), &signal, sizeof signal) == sizeof signal) {
    const int number = static_cast<int>(signal.ssi_signo);
    if (number == SIGCHLD) continue;
    if (number == SIGHUP)
      has_hung_up_ = true;
    else
      is_ending_ = true;
    send({.signal_number = number});
  }
}

/// What a server does not read, the next one reads.
void Keeper::send(const Message& message) const {
  ::send(channel_.get(), &message, sizeof message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/// The server has the log.
void Keeper::refuse(const std::string& reason) {
  Message message;
  reason.copy(message.refusal.data(), message.refusal.size() - 1);
  send(message);
  upgrade_.refuse(reason);
}

Handover Keeper::handover() const { return {memory_.get(), -1, pair_, beginning_.inherited}; }

void Keeper::pass_on_states() const {
  std::array<char, state_text_max> text = {};
  for (ssize_t count = 0; (count = read(channel_.get(), text.data(), text.size())) > 0;)
    net::notify_service_manager({text.data(), static_cast<size_t>(count)});
}

void tell_service_manager(const Life& life, std::string_view state) {
  ::send(life.channel, state.data(), state.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace keeper
