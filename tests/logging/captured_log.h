#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "logging/log.h"

/// The log goes here for as long as this lives: "level sentence" on a line.
class CapturedLog {
 public:
  explicit CapturedLog(logging::Level least = logging::Level::info)
      : redirection_(least, [this](logging::Level level, std::string_view message) {
          written_.append(name_of(level)).append(" ").append(message).append("\n");
        }) {}

  const std::string& text() const { return written_; }
  /// What has been written since this was last asked.
  std::string take() { return std::exchange(written_, {}); }
  size_t lines() const {
    return static_cast<size_t>(std::count(written_.begin(), written_.end(), '\n'));
  }

 private:
  static std::string_view name_of(logging::Level level) {
    static constexpr std::array<std::string_view, 5> names = {"trace", "debug", "info", "warning",
                                                              "error"};
    return names.at(static_cast<size_t>(level));
  }

  std::string written_ = {};
  logging::Redirection redirection_;
};
