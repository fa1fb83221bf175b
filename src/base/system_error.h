#pragma once

#include <cerrno>
#include <cstring>
#include <string>

#include "base/result.h"

namespace base {

/// Why a call to the system has just failed, from errno. `what` was called, or done.
inline Error system_error(const std::string& what) {
  const int number = errno;
  return {what + ": " + std::strerror(number), number};
}

}  // namespace base
