#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace options {

using Arguments = std::vector<std::string>;

/// What the configuration file adds to a command line.
struct Configured {
  /// The command line, and behind it the file's options.
  Arguments arguments = {};
  /// Where the file has each option that it adds, as `FILE:LINE`.
  std::map<std::string, std::string> places = {};
  /// The options of `run` that the file of a `serve` has, as `FILE:LINE: --name`: they change
  /// nothing.
  std::vector<std::string> of_run_alone = {};
};

/// Reads the file that `--config` names in the arguments, or PORTOLAN_CONFIG. An option that the
/// arguments or the environment give already is left as it is. Ends the parse if the file cannot be
/// read, or has a line that is wrong or names an option that there is not. One file can serve
/// `serve` and `run`: see Configured::of_run_alone.
Configured with_config(const CLI::App& portolan, const Arguments& arguments);

/// The value of an option in the arguments, `--name VALUE` or `--name=VALUE`; the last one counts.
std::optional<std::string> value_of(const Arguments& arguments, const std::string& name);

/// Whether the option's variable is set. An empty one counts as none.
bool is_in_environment(const CLI::Option& option);

/// A line of the configuration file is wrong: `FILE:LINE: why`.
struct ConfigError : CLI::FileError {
  explicit ConfigError(const std::string& what);
};

}  // namespace options
