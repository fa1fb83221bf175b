#pragma once

#include <sys/types.h>

#include <chrono>
#include <vector>

#include "base/result.h"
#include "event/descriptor.h"
#include "net/address.h"
#include "net/port_holder.h"
#include "takeover/sorting.h"

namespace takeover {

/// One look at the TCP sockets of a process.
struct Look {
  std::vector<SocketFacts> sockets = {};
  /// Where those that listen do, and how /proc calls them.
  std::vector<net::Address> listening = {};
  net::SocketNames listening_names = {};
  /// Our duplicates, one for each socket, if they were asked for.
  std::vector<event::Descriptor> duplicates = {};
};

/// Another process, by a pidfd: no process that gets its number later is taken for it. It is owned
/// by nobody here, and goes on when this object is gone.
class OldProcess {
 public:
  /// An error: there is no such process.
  static base::Result<OldProcess> open(pid_t process);

  pid_t number() const { return number_; }
  /// Readable when the process has ended.
  int pidfd() const { return pidfd_.get(); }

  /// Of each TCP socket a duplicate is made, and closed again unless it `is_to_keep`. The number of
  /// an error is EPERM if this is not allowed.
  base::Result<Look> look(bool is_to_keep) const;

  /// False: it has ended, or may not be sent signals.
  bool send(int signal_number) const;
  /// After SIGSTOP: whether all of its threads have stopped. Waits for so long at most.
  bool has_stopped(std::chrono::milliseconds timeout) const;
  bool has_ended(std::chrono::milliseconds timeout) const;

 private:
  OldProcess(pid_t number, event::Descriptor pidfd) : number_(number), pidfd_(std::move(pidfd)) {}

  pid_t number_;
  event::Descriptor pidfd_;
};

}  // namespace takeover
