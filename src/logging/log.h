#pragma once

#include <fmt/core.h>

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

/// The log of the program: to standard error, to a file, or to where a test wants it. There is one,
/// for one thread. The library behind it is included in log.cc alone, as it takes seconds to
/// compile.
namespace logging {

enum class Level { trace, debug, info, warning, error, off };

struct Settings {
  enum class Format { text, json };
  /// trace, debug, info, warning, error or off.
  std::string_view level = "info";
  Format format = Format::text;
};

/// Call it once, early; until then the defaults hold.
void set_up(const Settings& settings);

/// Sends the log to the end of this file in place of standard error. An error says why the file
/// cannot be opened; the log then stays where it was. Call it after set_up.
base::Result<base::Done> write_to(const std::string& path);
/// Opens that file again, because log rotation has given it another name. If it cannot be opened,
/// the log stays in the old one and says so. Without such a file nothing happens.
void reopen();

bool is_on(Level level);
void write(Level level, std::string_view message);

template <typename... Args>
void write(Level level, fmt::format_string<Args...> format, Args&&... args) {
  if (is_on(level)) write(level, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::debug, format, std::forward<Args>(args)...);
}
template <typename... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::info, format, std::forward<Args>(args)...);
}
template <typename... Args>
void warn(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::warning, format, std::forward<Args>(args)...);
}
template <typename... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::error, format, std::forward<Args>(args)...);
}

/// For tests: while it lives, the log goes to a function. One at a time.
class Redirection {
 public:
  using Write = std::function<void(Level, std::string_view message)>;

  Redirection(Level least, Write write);
  Redirection(const Redirection&) = delete;
  Redirection& operator=(const Redirection&) = delete;
  ~Redirection();
};

}  // namespace logging
