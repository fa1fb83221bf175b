#pragma once

#include <string>

#include "logging/reference_log.h"
#include "options/epmd_words.h"

namespace epmd_cli {

/// Where the reference writes what: a daemon to the system's log, others to standard error.
logging::ReferenceLog::Sinks sinks_for(const options::EpmdWords& words);

/// Never waits.
void write_line_to_syslog(const std::string& text);

/// In a server that follows a crashed one: the outputs that it has from the keeper are forgotten,
/// for their descriptors are no longer theirs to close.
void abandon_outputs();

}  // namespace epmd_cli
