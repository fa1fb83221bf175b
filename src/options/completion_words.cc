#include <algorithm>
#include <memory>
#include <sstream>
#include <string_view>

#include "completion/scripts.h"
#include "options/epmd_words.h"
#include "options/words.h"

namespace options {
namespace {

completion::Option to_words(const CLI::Option& option) {
  const bool has_value = option.get_type_size() != 0;
  return {"--" + option.get_lnames().front(), has_value ? option.get_type_name() : "",
          option.get_description()};
}

std::vector<completion::Option> options_of(const CLI::App& app) {
  std::vector<completion::Option> options;
  for (const CLI::Option* const option : app.get_options())
    if (!option->get_lnames().empty()) options.push_back(to_words(*option));
  return options;
}

std::string argument_of(const CLI::App& app) {
  for (const CLI::Option* const option : app.get_options())
    if (option->get_positional()) return option->get_type_name();
  return {};
}

/// epmd's words are not CLI11's. Its help has a word on a line, with its value, over what it does.
std::vector<completion::Option> epmd_options() {
  constexpr std::string_view to_word = "    -";
  constexpr std::string_view to_about = "        ";
  std::vector<completion::Option> options;
  std::istringstream usage(epmd_usage);
  for (std::string line; std::getline(usage, line);) {
    if (line.starts_with(to_word)) {
      const size_t end = std::min(line.find(' ', to_word.size()), line.size());
      const size_t begin = to_word.size() - 1;
      options.push_back(
          {line.substr(begin, end - begin), line.substr(std::min(end + 1, line.size())), {}});
    } else if (line.starts_with(to_about) && !options.empty()) {
      std::string& about = options.back().about;
      about += (about.empty() ? "" : " ") + line.substr(to_about.size());
    }
  }
  return options;
}

completion::Command to_words(const CLI::App& app) {
  const std::string& name = app.get_name();
  if (name == "epmd") return {name, app.get_description(), epmd_options()};
  return {name, app.get_description(), options_of(app), argument_of(app), name == "run"};
}

/// Those that CLI11 does not know: see with_usual_words().
void add_usual_words(completion::Program& program) {
  std::string commands;
  for (const completion::Command& each : program.commands)
    commands += (commands.empty() ? "" : "|") + each.name;
  program.commands.push_back({"help", "Print the help, or that of a command", {}, commands});
  program.commands.push_back({"version", "Print the version", {{"--json", "", "As JSON"}}});
}

completion::Program program_of(const CLI::App& portolan) {
  completion::Program program{options_of(portolan), {}};
  for (const CLI::App* const app : portolan.get_subcommands([](const CLI::App*) { return true; }))
    program.commands.push_back(to_words(*app));
  add_usual_words(program);
  return program;
}

}  // namespace

void add_completion(CLI::App& portolan, Command& chosen) {
  CLI::App& app = *portolan.add_subcommand(
      "completion", "Print a script that makes a shell complete this command line");
  const auto print = [&portolan, &chosen](const std::string& shell) {
    const completion::Program program = program_of(portolan);
    chosen = Completion{shell == "bash"  ? for_bash(program)
                        : shell == "zsh" ? for_zsh(program)
                                         : for_fish(program)};
  };
  add_choice(app, "shell", {"bash", "zsh", "fish"}, print, "The shell that is to read it", "");
  app.get_option("shell")->required();
}

}  // namespace options
