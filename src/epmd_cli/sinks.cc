#include "epmd_cli/sinks.h"

#include <fmt/core.h>
#include <syslog.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <memory>

#include "logging/lossy_lines.h"
#include "logging/system_log.h"

namespace epmd_cli {
namespace {

/// The reference ends its lines with CR and LF, and has no milliseconds.
std::string line_of(const std::string& text) {
  const std::time_t now = std::time(nullptr);
  std::array<char, 32> when = {};
  ctime_r(&now, when.data());
  when[std::strcspn(when.data(), "\n")] = '\0';
  return fmt::format("epmd: {}: {}\r\n", when.data(), text);
}

/// Never freed: see abandon_outputs().
struct Outputs {
  logging::LossyLines* standard_error = nullptr;
  logging::SystemLog* system_log = nullptr;
};

Outputs& outputs() {
  static Outputs its;
  return its;
}

/// Neither standard error nor the system's log is ever waited for.
void write_to_stderr(const std::string& text) {
  logging::LossyLines*& lines = outputs().standard_error;
  const auto note = [](uint64_t lost, const std::string& why) {
    return line_of(fmt::format("{} log lines were lost: {}", lost, why));
  };
  if (!lines) lines = std::make_unique<logging::LossyLines>(STDERR_FILENO, note).release();
  lines->write(text);
}

void write_line_to_stderr(const std::string& text) { write_to_stderr(line_of(text)); }

}  // namespace

void write_line_to_syslog(const std::string& text) {
  logging::SystemLog*& log = outputs().system_log;
  if (!log) log = std::make_unique<logging::SystemLog>("epmd", LOG_USER | LOG_ERR).release();
  log->write("epmd: " + text);
}

void abandon_outputs() { outputs() = {}; }

logging::ReferenceLog::Sinks sinks_for(const options::EpmdWords& words) {
  if (!words.is_daemon) return {write_line_to_stderr, write_line_to_stderr, write_to_stderr, true};
  const auto nowhere = [](const std::string&) {};
  return {write_line_to_syslog, nowhere, nowhere, false};
}

}  // namespace epmd_cli
