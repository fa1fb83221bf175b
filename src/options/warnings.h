#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "options/options.h"
#include "options/sources.h"

namespace options {

/// The options of `serve` and `run` that change nothing, as another one is missing: a sentence
/// each. A variable that other commands read too is not among them.
std::vector<std::string> warn_of_vain_options(const CLI::App& command, const Serve& serve,
                                              const Sources& sources);
/// The same of one option. `condition` is such as "without --watch".
std::vector<std::string> warn_of_vain_option(const CLI::App& command, const Sources& sources,
                                             const std::string& name, const std::string& condition);

/// The variables of the environment that begin with PORTOLAN_, and are neither an option's, nor
/// ours for the command of --on-change, nor what container engines set for a service of that name.
std::vector<std::string> warn_of_unknown_variables(const CLI::App& portolan);

}  // namespace options
