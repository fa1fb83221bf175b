#pragma once

#include <cstddef>
#include <istream>
#include <string>
#include <vector>

#include "base/result.h"

namespace options {

/// A setting of a configuration file: `name = value`, or `name` alone for a flag.
struct Setting {
  std::string name = {};
  /// The items of a list; else one value. A name alone has none.
  std::vector<std::string> values = {};
  bool has_value = false;
  /// The line on which it begins, from 1.
  size_t line = 0;
};

/// The lines of a configuration file. A value is plain, in quotes, or a list in brackets, which may
/// take several lines. An error is of the form `LINE: what is wrong; what to write`. A byte-order
/// mark, and carriage returns at the ends of lines, do not count.
base::Result<std::vector<Setting>> read_settings(std::istream& file);

}  // namespace options
