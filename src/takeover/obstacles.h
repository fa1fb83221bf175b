#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <vector>

#include "takeover/process_facts.h"

namespace takeover {

/// Who holds the sockets that the old EPMD listens on.
struct Holders {
  /// The EPMD's own processes: one, or a keeper and then its server.
  std::vector<ProcessFacts> old = {};
  std::vector<ProcessFacts> others = {};
  /// The user that asks. Only root sees what systemd holds.
  uid_t own_user = 0;
};

/// Whether its program is OTP's epmd or ours.
bool is_epmd(const ProcessFacts& process);

/// A sentence each: why its sockets are not to be looked at, and what to do. Empty: they may be.
std::vector<std::string> obstacles_to_looking(const Holders& holders);

/// A sentence each: what stands in the way of a takeover, once all holders are known. Empty:
/// nothing does.
std::vector<std::string> obstacles_to(const Holders& holders);

/// A sentence each: what to know about a takeover that would work.
std::vector<std::string> notes_on(const Holders& holders);

/// Why another process's descriptors cannot be had, and what to do. `ptrace_scope` is what
/// /proc/sys/kernel/yama/ptrace_scope says; 0 also if it is not there.
std::string why_not_permitted(const ProcessFacts& old, uid_t own_user, int ptrace_scope);

/// Why `needed` descriptors more cannot be had. Empty: they can.
std::string why_too_many(size_t needed, size_t limit);

/// As if the socket unit of the old EPMD was stopped.
void forget_service_manager(Holders& holders);

/// Sorts those that hold the sockets of an EPMD into its own processes and others. `named` is the
/// process that the user has named, 0 if none. There is an old one if there is any.
Holders holders_among(std::vector<ProcessFacts> processes, pid_t named, uid_t own_user);

}  // namespace takeover
