#pragma once

#include <sys/types.h>

#include <csignal>

namespace keeper {

/// The child shares our descriptors, and has a copy of our memory: fork(2) cannot do that.
pid_t clone_with_descriptors();

/// In a server: without its keeper it would go on, and nobody would know its process.
/// `death_signal` is what the kernel sends it then.
void end_with(pid_t keeper, int death_signal);

/// Ends this process as its server has ended. The first process of a container cannot, and returns
/// the status to exit with.
int end_by(int signal_number);

}  // namespace keeper
