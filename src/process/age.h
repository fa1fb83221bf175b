#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>

namespace process {

/// How long a process has run; nothing if /proc does not tell. In a container that of process 1 is
/// the age of the container.
std::optional<std::chrono::milliseconds> age_of(pid_t process);

}  // namespace process
