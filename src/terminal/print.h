#pragma once

#include <string_view>

namespace terminal {

/// What a command was asked for, on standard output, at once. False if that does not take it.
bool print(std::string_view text);

inline constexpr const char* cannot_print = "cannot print to standard output";

/// The exit status of a command that has printed its result; says so if that did not go through.
int finish(std::string_view command, bool is_printed);

}  // namespace terminal
