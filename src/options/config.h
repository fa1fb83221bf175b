#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace options {

/// The arguments with what the configuration file adds to them: the file that `--config` names
/// there, or PORTOLAN_CONFIG. An option that the arguments or the environment give already is left
/// as it is. Ends the parse if the file cannot be read, or names an option that there is not.
std::vector<std::string> with_config(CLI::App& portolan, std::vector<std::string> arguments);

}  // namespace options
