#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dist {

/// A term as people write it in a configuration file.
struct WrittenTerm {
  enum class Kind {
    atom,
    text,    // a string, or a binary that is written as one
    number,  // as it is written
    list,
    tuple,
    other,  // a fun or a map, which are passed over
  };
  Kind kind = Kind::other;
  std::string text = {};
  std::vector<WrittenTerm> items = {};

  bool is_atom(std::string_view name) const { return kind == Kind::atom && text == name; }
  /// The value of {name, Value} in this list: the first, as in OTP's proplists. nullptr: there is
  /// none.
  const WrittenTerm* find(std::string_view name) const;
};

/// Lists within lists; a file that has more is none that a person wrote.
inline constexpr size_t written_depth_max = 32;

/// The first term of a file in the form of file:consult/1, up to its full stop. An error names the
/// line.
base::Result<WrittenTerm> parse_written_term(std::string_view text);

}  // namespace dist
