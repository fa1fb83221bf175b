#include "completion/scripts.h"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>

namespace completion {
namespace {

bool is_file(std::string_view value) { return value == "PATH" || value == "FILE"; }

/// "text json none" of "text|json|none", and nothing of "PATH".
std::string choices_of(std::string value) {
  if (value.find('|') == std::string::npos) return {};
  std::replace(value.begin(), value.end(), '|', ' ');
  return value;
}

/// In single quotes for any shell; `escaped` are characters that mean something inside of them.
std::string in_quotes(std::string_view text, std::string_view escaped = {}) {
  std::string quoted = "'";
  for (const char c : text) {
    if (escaped.find(c) != std::string_view::npos) quoted += '\\';
    quoted += c == '\'' ? "'\\''" : std::string(1, c);
  }
  return quoted + "'";
}

template <typename Named>
std::string names_of(const std::vector<Named>& all) {
  std::string names;
  for (const Named& one : all) names += (names.empty() ? "" : " ") + one.name;
  return names;
}

// bash

constexpr const char* bash_begin =
    R"(# bash completion for portolan; `portolan completion bash` prints it.

_portolan() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  local command= words= files= at
  # `--option=value` comes as three words.
  if [[ $word == '=' ]]; then
    word=
  elif [[ $before == '=' ]]; then
    before=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  ((COMP_CWORD > 1)) && command=${COMP_WORDS[1]}
)";

/// Behind `--` the name of a program, and then files.
constexpr const char* bash_another = R"(  if [[ $command == {} ]]; then
    for ((at = 2; at < COMP_CWORD; ++at)); do
      [[ ${{COMP_WORDS[at]}} == -- ]] || continue
      ((at + 1 == COMP_CWORD)) && files=-c || files=-f
      break
    done
  fi
)";

constexpr const char* bash_end = R"(  esac
  [[ $files != -f ]] || compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen $files -W "$words" -- "$word")
}

complete -F _portolan portolan
)";

/// Choices, files, or nothing for a value that nobody can guess.
std::string bash_value(const Command& command, const Option& option) {
  const std::string choices = choices_of(option.value);
  const std::string offer = is_file(option.value) ? "files=-f "
                            : choices.empty()     ? ""
                                                  : "words=" + in_quotes(choices) + ' ';
  return fmt::format("    {}:{}:) {};;\n", command.name, option.name, offer);
}

/// The value of the word before, or else what else there is.
std::string bash_command(const Command& command) {
  std::string text;
  for (const Option& option : command.options)
    if (!option.value.empty()) text += bash_value(command, option);
  const std::string choices = choices_of(command.argument);
  const std::string words = (choices.empty() ? "" : choices + ' ') + names_of(command.options);
  return text + fmt::format("    {}:*:) words={} ;;\n", command.name, in_quotes(words));
}

// zsh

std::string zsh_escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (std::string_view("[]:\\").find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

/// `:what:how` of an option's value or an argument.
std::string zsh_value(const std::string& value) {
  const std::string choices = choices_of(value);
  if (!choices.empty()) return ":value:(" + choices + ')';
  if (is_file(value)) return ":file:_files";
  return ':' + zsh_escaped(value) + ": ";
}

/// With a star, as an option may repeat.
std::string zsh_option(const Option& option) {
  std::string words = '*' + option.name;
  if (!option.value.empty() && option.name.starts_with("--")) words += '=';
  words += '[' + zsh_escaped(option.about) + ']';
  if (!option.value.empty()) words += zsh_value(option.value);
  return in_quotes(words);
}

/// Behind `--` whatever another command takes.
constexpr const char* zsh_another = R"(  local at=${{words[(i)--]}}
  if [[ $words[2] == {} ]] && ((at < CURRENT)); then
    shift $at words
    ((CURRENT -= at))
    _normal -p $service
    return
  fi
)";

std::string zsh_command(const Command& command) {
  std::string text = fmt::format("    {})", command.name);
  text += "\n      _arguments";
  for (const Option& option : command.options) text += " \\\n        " + zsh_option(option);
  if (!command.argument.empty())
    text += " \\\n        " + in_quotes('*' + zsh_value(command.argument));
  return text + "\n      ;;\n";
}

constexpr const char* zsh_begin = R"(#compdef portolan
# zsh completion for portolan; `portolan completion zsh` prints it.

_portolan() {
  local curcontext=$curcontext state line
  local -a ours=(
)";

constexpr const char* zsh_middle = R"( \
    '1: :->command' '*:: :->argument'
  if [[ $state == command ]]; then
    _describe -t commands command ours
    return
  fi
  case $line[1] in
)";

constexpr const char* zsh_end = R"(  esac
}

# From a file of its own it is loaded when it is called for; elsewhere it is to be told of.
if [[ $funcstack[1] == _portolan ]]; then
  _portolan "$@"
else
  compdef _portolan portolan
fi
)";

// fish

constexpr const char* fish_no_command = "__fish_use_subcommand";

std::string fish_value(const std::string& value) {
  const std::string choices = choices_of(value);
  if (!choices.empty()) return " -x -a " + in_quotes(choices, "\\");
  if (is_file(value)) return " -r -F";
  return value.empty() ? "" : " -x";
}

std::string fish_option(const std::string& condition, const Option& option) {
  const bool is_long = option.name.starts_with("--");
  return fmt::format("complete -c portolan -n {} {} {}{} -d {}\n", in_quotes(condition),
                     is_long ? "-l" : "-o", option.name.substr(is_long ? 2 : 1),
                     fish_value(option.value), in_quotes(option.about, "\\"));
}

std::string fish_command(const Command& command) {
  std::string text = fmt::format("complete -c portolan -n {} -a {} -d {}\n", fish_no_command,
                                 command.name, in_quotes(command.about, "\\"));
  const std::string chosen = "__fish_seen_subcommand_from " + command.name;
  if (const std::string choices = choices_of(command.argument); !choices.empty())
    text +=
        fmt::format("complete -c portolan -n {} -a {}\n", in_quotes(chosen), in_quotes(choices));
  if (command.runs_another)
    text += fmt::format("complete -c portolan -n {} -a '(__fish_complete_subcommand)'\n",
                        in_quotes(chosen + "; and contains -- -- (commandline -opc)"));
  for (const Option& option : command.options) text += fish_option(chosen, option);
  return text;
}

}  // namespace

std::string for_bash(const Program& program) {
  std::string text = bash_begin;
  for (const Command& command : program.commands)
    if (command.runs_another) text += fmt::format(fmt::runtime(bash_another), command.name);
  const std::string first = names_of(program.commands) + ' ' + names_of(program.options);
  text += fmt::format("  case $command:$before:$files in\n    :*) words={} ;;\n", in_quotes(first));
  for (const Command& command : program.commands) text += bash_command(command);
  return text + bash_end;
}

std::string for_zsh(const Program& program) {
  std::string text = zsh_begin;
  for (const Command& command : program.commands)
    text += "    " + in_quotes(zsh_escaped(command.name) + ':' + command.about) + '\n';
  text += "  )\n";
  for (const Command& command : program.commands)
    if (command.runs_another) text += fmt::format(fmt::runtime(zsh_another), command.name);
  text += "  _arguments -C";
  for (const Option& option : program.options) text += " \\\n    " + zsh_option(option);
  text += zsh_middle;
  for (const Command& command : program.commands) text += zsh_command(command);
  return text + zsh_end;
}

std::string for_fish(const Program& program) {
  std::string text =
      "# fish completion for portolan; `portolan completion fish` prints it.\n"
      "complete -c portolan -f\n";
  for (const Option& option : program.options) text += fish_option(fish_no_command, option);
  for (const Command& command : program.commands) text += fish_command(command);
  return text;
}

}  // namespace completion
