#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "takeover/taking.h"

namespace takeover {

/// Puts `portolan serve WORDS…` in the place of this process, which goes on with the estate: with
/// the listening sockets as if a service manager had opened them, and with the names as a program
/// does that follows another (keeper::Handover). Returns only if that fails.
base::Error become_daemon(Estate estate, const std::vector<std::string>& words);

}  // namespace takeover
