#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "options/config.h"

namespace options {

/// Where the options of a command came from.
class Sources {
 public:
  enum class Source { command_line, environment, file, none };

  /// `arguments` is the user's command line, without what a file adds to it.
  Sources(Arguments arguments, Configured configured)
      : arguments_(std::move(arguments)), configured_(std::move(configured)) {}

  Source of(const CLI::Option& option) const;
  /// "--port", and where it was found if not on the command line: "--port (ERL_EPMD_PORT)",
  /// "portolan.conf:3: --port".
  std::string describe(const CLI::App& command, const std::string& name) const;
  const Arguments& words() const { return configured_.arguments; }
  /// See Configured.
  const std::vector<std::string>& of_run_alone() const { return configured_.of_run_alone; }

 private:
  Arguments arguments_;
  Configured configured_;
};

/// Ends the parse where the variable of a flag is neither true nor false.
void check_variables(const CLI::App& command);

/// Ends the parse where a word of the command line has no value, has one too many, or one that a
/// flag cannot have. CLI11 would take the next word, or say it in words of its own.
void check_words(const CLI::App& command, const Arguments& words);

}  // namespace options
