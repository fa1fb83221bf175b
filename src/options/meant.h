#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace options {

/// The command line with `help`, `help COMMAND`, `version` and `-v` as CLI11 knows them.
std::vector<std::string> with_usual_words(std::vector<std::string> words);

/// Says of words that `command` does not know what is wrong with the first option among them, or
/// the first word, and what it may have been meant to be.
std::string describe_unknown(const CLI::App& command, const std::vector<std::string>& unknown);

/// What it may have been meant to be: a sentence, or nothing.
std::string meant(const CLI::App& command, const std::vector<std::string>& unknown);

/// Of these, the one most like `word`; empty if none is.
std::string nearest(const std::string& word, const std::vector<std::string>& known);

}  // namespace options
