#pragma once

#include <fmt/core.h>

#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/result.h"
#include "logging/fields.h"

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

/// Forgets where the log goes and closes nothing: the numbers of its descriptors may have become
/// those of others. Then set it up again.
void abandon();

/// A line of the log. In JSON its members are a part of the object.
struct Line {
  /// What happened, as a program names it: it never changes. "cannot_resolve"
  std::string_view event = {};
  /// What a person reads.
  std::string_view message = {};
  Fields fields = {};
};

/// Whether who reads standard error expects nothing but objects.
bool is_json_on_standard_error();

bool is_on(Level level);
void write(Level level, const Line& line);

/// Checked against the arguments when it is compiled.
template <typename... Args>
using Format = fmt::format_string<Shown<std::type_identity_t<Args>>...>;

/// Each argument takes the place of a {} in the text. Those that are a field() are also members of
/// the object in JSON, and may be more than the text takes.
template <typename... Args>
void write(Level level, std::string_view event, Format<Args...> format, const Args&... args) {
  if (!is_on(level)) return;
  const std::string message =
      fmt::vformat(fmt::string_view(format), fmt::make_format_args(shown(args)...));
  write(level, Line{event, message, fields_of(args...)});
}
template <typename... Args>
void debug(std::string_view event, Format<Args...> format, const Args&... args) {
  write(Level::debug, event, format, args...);
}
template <typename... Args>
void info(std::string_view event, Format<Args...> format, const Args&... args) {
  write(Level::info, event, format, args...);
}
template <typename... Args>
void warn(std::string_view event, Format<Args...> format, const Args&... args) {
  write(Level::warning, event, format, args...);
}
template <typename... Args>
void error(std::string_view event, Format<Args...> format, const Args&... args) {
  write(Level::error, event, format, args...);
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
