#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace epmd {

/// The alive name is the part of a node name before the '@': what EPMD registers.
/// Limits as measured on the reference (docs/PROTOCOL.md, "Names").
inline constexpr size_t alive_name_bytes_max = 1020;
inline constexpr size_t alive_name_characters_max = 255;
/// One less than may be registered: the reference counts a terminator here.
inline constexpr size_t alive_name_characters_lookup_max = 254;

/// The number of characters (code points) in a UTF-8 text; nothing if it is not UTF-8 as RFC 3629
/// says (no overlong forms, no surrogates, nothing above U+10FFFF). NULs count as characters.
std::optional<size_t> count_characters(std::string_view text);

/// Whether a name can stand in a log line, a file or a terminal as it is: UTF-8, not empty, and
/// without characters that break lines, cannot be seen, or change the direction of the text around
/// them. The reference registers names that are not; so do we, but they are shown escaped.
bool is_printable_name(std::string_view alive_name);

/// The name with everything that is not printable written as \xNN.
std::string escape_name(std::string_view alive_name);

}  // namespace epmd
