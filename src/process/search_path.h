#pragma once

#include <string>

namespace process {

/// Why a command cannot be started, as far as that can be told without starting it: the error's
/// number, such as ENOENT, or 0. It is looked for by PATH as start_command() does.
int why_not_startable(const std::string& command);

}  // namespace process
