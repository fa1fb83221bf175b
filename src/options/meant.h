#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace options {

/// The command line with `help`, `help COMMAND`, `version` and `-v` as CLI11 knows them.
std::vector<std::string> with_usual_words(std::vector<std::string> words);

/// What somebody may have meant who wrote words that `command` does not know: a sentence about the
/// first of them, or nothing.
std::string meant(const CLI::App& command, const std::vector<std::string>& unknown);

/// Of these, the one most like `word`; empty if none is.
std::string nearest(const std::string& word, const std::vector<std::string>& known);

}  // namespace options
