#include "migration/main_words.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace migration {
namespace {

using Words = std::vector<std::string>;

std::string program_in(const std::string& path) { return path.substr(path.rfind('/') + 1); }

bool is_init(const std::string& program) {
  constexpr std::array<std::string_view, 4> inits = {"docker-init", "tini", "dumb-init",
                                                     "catatonit"};
  return std::find(inits.begin(), inits.end(), program) != inits.end();
}

/// Its options have no values of their own, but for those behind "--" nothing is an option.
Words without_init(Words words) {
  if (words.empty() || !is_init(program_in(words.front()))) return words;
  words.erase(words.begin());
  while (!words.empty() && words.front().starts_with('-')) {
    const bool is_end = words.front() == "--";
    words.erase(words.begin());
    if (is_end) break;
  }
  return words;
}

/// Variables that the script of a Mix release exports, and its emulator has.
Words of_release(const Words& environment) {
  const std::string root = value_of(environment, "RELEASE_ROOT");
  const std::string name = value_of(environment, "RELEASE_NAME");
  const std::string command = value_of(environment, "RELEASE_COMMAND");
  if (root.empty() || name.empty() || command.empty()) return {};
  return {root + "/bin/" + name, command};
}

}  // namespace

std::string value_of(const std::vector<std::string>& environment, const std::string& name) {
  const std::string begin = name + "=";
  for (const std::string& each : environment)
    if (each.starts_with(begin)) return each.substr(begin.size());
  return {};
}

std::vector<std::string> command_of(const MainProcess& main) {
  Words words = without_init(main.words);
  if (words.empty() || program_in(words.front()) == "beam.smp") return of_release(main.environment);
  return words;
}

}  // namespace migration
