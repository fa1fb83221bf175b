#include "options/config.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <string_view>

#include "options/words.h"

namespace options {
namespace {

using Arguments = std::vector<std::string>;

/// `--name VALUE` or `--name=VALUE`; the last one counts.
std::optional<std::string> value_of(const Arguments& arguments, const std::string& name) {
  std::optional<std::string> value;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i].starts_with(name + '=')) value = arguments[i].substr(name.size() + 1);
    if (arguments[i] == name) value = i + 1 < arguments.size() ? arguments[i + 1] : "";
  }
  return value;
}

std::optional<std::string> path_in(const Arguments& arguments) {
  std::optional<std::string> given = value_of(arguments, "--config");
  if (given) return given;
  const char* const variable = std::getenv("PORTOLAN_CONFIG");
  return variable && *variable ? std::optional<std::string>(variable) : std::nullopt;
}

bool is_given(const CLI::Option& option, const std::string& name, const Arguments& arguments) {
  const std::string variable = option.get_envname();
  return value_of(arguments, name) || (!variable.empty() && std::getenv(variable.c_str()));
}

std::vector<CLI::ConfigItem> read_items(const std::string& path) {
  std::ifstream file(path);
  if (!file) refuse("--config", "cannot read " + path + ": " + std::strerror(errno));
  std::vector<CLI::ConfigItem> items = CLI::ConfigTOML().from_config(file);
  if (file.bad()) refuse("--config", "cannot read " + path + ": is it a file?");
  return items;
}

}  // namespace

std::vector<std::string> with_config(CLI::App& portolan, std::vector<std::string> arguments) {
  const bool is_daemon =
      !arguments.empty() && (arguments.front() == "serve" || arguments.front() == "run");
  const std::optional<std::string> path = is_daemon ? path_in(arguments) : std::nullopt;
  if (!path) return arguments;
  const CLI::App& serve = *portolan.get_subcommand(arguments.front());
  const Arguments given = arguments;
  for (const CLI::ConfigItem& item : read_items(*path)) {
    const std::string name = "--" + item.name;
    const CLI::Option* const option = serve.get_option_no_throw(name);
    const bool is_for_people = item.name == "config" || item.name == "help";
    if (!option || !item.parents.empty() || is_for_people)
      refuse("--config", path.value() + " sets '" + item.fullname() +
                             "', which is no option of serve (see `portolan serve --help`)");
    if (is_given(*option, name, given)) continue;
    for (const std::string& value : item.inputs)
      arguments.emplace_back(name).append(1, '=').append(value);
  }
  return arguments;
}

}  // namespace options
