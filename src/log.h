#pragma once

#include <string_view>

/// How and how much the daemon logs, to standard error.
struct LogSettings {
  enum class Format { text, json };
  /// trace, debug, info, warning, error or off.
  std::string_view level = "info";
  Format format = Format::text;
};

/// Sets up the default logger, the one global there is. Call it once, early.
void set_up_log(const LogSettings& settings);
