#include "options/sources.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>

#include "options/words.h"

namespace options {
namespace {

bool is_empty(const std::string& value) {
  return value.find_first_not_of(", \t") == std::string::npos;
}

bool is_option_word(const CLI::App& command, const std::string& word) {
  return word.starts_with("--") && command.get_option_no_throw(word.substr(0, word.find('=')));
}

/// One word of the command line, `--name` or `--name=value`.
struct Word {
  explicit Word(const std::string& text)
      : name(text.substr(0, text.find('='))), has_value(name.size() != text.size()) {
    if (has_value) value = text.substr(name.size() + 1);
  }
  std::string name;
  bool has_value;
  std::string value = {};
};

void check_flag(const std::string& name, const std::string& value) {
  constexpr std::array known = {"true", "false", "on", "off", "yes", "no", "1", "0"};
  if (std::find(known.begin(), known.end(), CLI::detail::to_lower(value)) == known.end())
    refuse(name, "'" + value + "' is not true or false");
}

[[noreturn]] void refuse_missing(const CLI::Option& option, const std::string& name) {
  refuse(name, "a value is missing; write " + name + ' ' + option.get_type_name());
}

}  // namespace

void check_variables(const CLI::App& command) {
  for (const CLI::Option* const option : command.get_options())
    if (is_flag(*option) && is_in_environment(*option))
      check_flag(option->get_name(), std::getenv(option->get_envname().c_str()));
}

void check_words(const CLI::App& command, const Arguments& words) {
  std::set<std::string> seen;
  for (size_t at = 1; at < words.size() && words[at] != "--"; ++at) {
    if (!is_option_word(command, words[at])) continue;
    const Word word(words[at]);
    const CLI::Option& option = *command.get_option_no_throw(word.name);
    if (is_flag(option)) {
      if (word.has_value) check_flag(word.name, word.value);
      continue;
    }
    const bool is_list = option.get_expected_max() > 1;
    if (!seen.insert(word.name).second && !is_list)
      refuse(word.name, "it is given twice; give it once");
    if (word.has_value ? is_empty(word.value) : at + 1 == words.size())
      refuse_missing(option, word.name);
    if (word.has_value) continue;
    const std::string& value = words[++at];
    if (value == "--" || is_option_word(command, value) ||
        (is_list && !value.empty() && is_empty(value)))
      refuse_missing(option, word.name);
  }
}

Sources::Source Sources::of(const CLI::Option& option) const {
  const std::string name = option.get_name();
  if (value_of(arguments_, name)) return Source::command_line;
  if (is_in_environment(option)) return Source::environment;
  return configured_.places.contains(name) ? Source::file : Source::none;
}

std::string Sources::describe(const CLI::App& command, const std::string& name) const {
  const CLI::Option* const option =
      name.starts_with("--") ? command.get_option_no_throw(name) : nullptr;
  if (!option) return name;
  const Source source = of(*option);
  if (source == Source::file) return configured_.places.at(name) + ": " + name;
  return name + (source == Source::environment ? " (" + option->get_envname() + ')' : "");
}

}  // namespace options
