#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace options {

/// The words of epmd's command line, read as it reads them: from left to right, the last one wins,
/// and an interactive command ends the line.
struct EpmdWords {
  enum class Action { serve, names, dump, started, kill, stop, usage };

  Action action = Action::serve;
  int debug_level = 0;
  bool is_daemon = false;
  bool is_systemd = false;
  bool relaxed_command_check = false;
  /// Not of the reference, and so only in the environment: PORTOLAN_KEEP_NAMES.
  bool keeps_names = true;
  /// As given: it listens on the lower 16 bits, and reports all 32.
  int port = 4369;
  std::string address = {};
  std::chrono::seconds packet_timeout = std::chrono::seconds(60);
  std::chrono::seconds delay_accept = {};
  std::chrono::seconds delay_write = {};
  std::string stop_name = {};
};

/// Reads the command line, after the environment, which it overrides.
EpmdWords parse_epmd_words(const std::vector<std::string>& arguments);

/// What epmd prints when it does not understand, or is asked for -help.
extern const char* const epmd_usage;

}  // namespace options
