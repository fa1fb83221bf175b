#include "doctor/command_line.h"

#include <algorithm>

#include "epmd/alive_name.h"

namespace doctor {
namespace {

/// OTP's own, which asks EPMD.
constexpr std::string_view default_epmd_module = "erl_epmd";

/// Of the pairs behind `-kernel`, which end before the next flag.
std::string among_pairs(const CommandLine& words, size_t first, const std::string& name) {
  for (size_t i = first; i + 1 < words.size() && !words[i].starts_with('-'); i += 2)
    if (words[i] == name) return words[i + 1];
  return {};
}

void add(std::string& list, const std::string& item) { list += (list.empty() ? "" : ", ") + item; }

}  // namespace

/// Elixir has its own flag, behind -extra.
bool has_name_flag(const CommandLine& words) {
  return std::any_of(words.begin(), words.end(),
                     [](const std::string& word) { return word == "-name" || word == "--name"; });
}

/// Behind -extra are the words of the application.
std::string kernel_parameter(const CommandLine& words, const std::string& name) {
  for (size_t i = 0; i + 1 < words.size() && words[i] != "-extra"; ++i) {
    if (words[i] == '-' + name) return words[i + 1];
    if (words[i] != "-kernel") continue;
    if (std::string value = among_pairs(words, i + 1, name); !value.empty()) return value;
  }
  return {};
}

std::optional<CheckResult> judge_epmd_modules(const StartedNodes& nodes) {
  std::string told;
  for (const StartedNode& node : nodes) {
    const std::string module = kernel_parameter(node.command_line, "epmd_module");
    if (!module.empty() && module != default_epmd_module)
      add(told, epmd::escape_name(node.name) + " (" + epmd::escape_name(module) + ")");
  }
  if (told.empty()) return std::nullopt;
  return unknown("started with an epmd_module, may not ask EPMD for ports: " + told);
}

std::optional<CheckResult> judge_connect_all(const StartedNodes& nodes) {
  std::string told;
  for (const StartedNode& node : nodes)
    if (kernel_parameter(node.command_line, "connect_all") == "false")
      add(told, epmd::escape_name(node.name));
  if (told.empty()) return std::nullopt;
  return unknown(
      "started with connect_all false, does not connect to the peers of its peers, but is "
      "connected "
      "to all members by --push connect: " +
      told);
}

}  // namespace doctor
