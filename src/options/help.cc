#include "options/help.h"

#include <sstream>

#include "options/words.h"

namespace options {
namespace {

/// The words of a text in lines, each indented but the first.
std::string wrap(const std::string& text, size_t indent) {
  std::istringstream words(text);
  std::string wrapped;
  size_t column = indent;
  for (std::string word; words >> word;) {
    const bool is_first = wrapped.empty();
    if (!is_first && column + 1 + word.size() > help_columns_max) {
      wrapped += '\n' + std::string(indent, ' ');
      column = indent;
    } else if (!is_first) {
      wrapped += ' ';
      ++column;
    }
    wrapped += word;
    column += word.size();
  }
  return wrapped;
}

std::string in_columns(const std::string& left, const std::string& right) {
  std::string line = "  " + left;
  if (line.size() + 1 > help_left_column)
    line += '\n' + std::string(help_left_column, ' ');
  else
    line.resize(help_left_column, ' ');
  return line + wrap(right, help_left_column) + '\n';
}

bool may_repeat(const CLI::Option& option) {
  return option.get_expected_max() >= CLI::detail::expected_max_vector_size;
}

}  // namespace

/// CLI11 ends each group of options but the last with an empty line.
std::string HelpFormatter::make_group(std::string title, bool is_positional,
                                      std::vector<const CLI::Option*> members) const {
  const bool is_first = is_positional || title == "Options";
  std::string text = (is_first ? "\n" : "") + title + ":\n";
  for (const CLI::Option* const option : members) text += make_option(option, is_positional);
  return text;
}

std::string HelpFormatter::make_option(const CLI::Option* option, bool is_positional) const {
  const std::string name = is_positional ? "" : make_option_name(option, false) + ' ';
  const std::string variable = option->get_envname();
  const std::string about =
      option->get_description() + (variable.empty() ? "" : " (Env:" + variable + ")");
  return in_columns(name + make_option_opts(option), about);
}

std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
  if (is_flag(*option)) return {};
  return option->get_type_name() + (may_repeat(*option) ? " ..." : "");
}

std::string HelpFormatter::make_option_usage(const CLI::Option* option) const {
  const std::string name = option->get_type_name() + (may_repeat(*option) ? "..." : "");
  return option->get_required() ? name : '[' + name + ']';
}

/// What stands behind `--` is no option and no argument of CLI11's.
std::string HelpFormatter::make_usage(const CLI::App* command, std::string name) const {
  std::string usage = Formatter::make_usage(command, std::move(name));
  if (command->get_name() == "run")
    usage.insert(usage.find_last_not_of('\n') + 1, " -- CMD [ARG...]");
  return usage;
}

std::string HelpFormatter::make_subcommand(const CLI::App* command) const {
  return in_columns(command->get_name(), command->get_description());
}

std::string HelpFormatter::make_description(const CLI::App* command) const {
  if (!command->get_parent()) return command->get_description() + '\n';
  return wrap(command->get_description(), 0) + '\n';
}

void begin_group(CLI::App& app, const std::string& title) { app.option_defaults()->group(title); }

}  // namespace options
