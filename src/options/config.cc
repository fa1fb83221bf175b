#include "options/config.h"

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <sstream>

#include "net/file.h"
#include "options/config_file.h"
#include "options/meant.h"
#include "options/words.h"

namespace options {
namespace {

std::optional<std::string> path_in(const Arguments& arguments) {
  std::optional<std::string> given = value_of(arguments, "--config");
  if (given) return given;
  const char* const variable = std::getenv("PORTOLAN_CONFIG");
  return variable && *variable ? std::optional<std::string>(variable) : std::nullopt;
}

std::vector<Setting> read_items(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (error) refuse("--config", "cannot read " + path + ": " + error.message());
  // The daemon reads it again, and waits for nobody who could write into a pipe.
  if (!std::filesystem::is_regular_file(status))
    refuse("--config", "cannot read " + path + ": it is not a regular file");
  const base::Result<std::string> text = net::read_file(path);
  if (!text) refuse("--config", text.error().message);
  std::istringstream file(*text);
  base::Result<std::vector<Setting>> settings = read_settings(file);
  if (!settings) throw ConfigError(path + ':' + settings.error().message);
  return std::move(*settings);
}

std::vector<std::string> names_of(const CLI::App& run) {
  std::vector<std::string> names;
  for (const CLI::Option* const option : run.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back(name);
  return names;
}

/// `run` has every option of `serve`.
const CLI::Option& option_of(const CLI::App& run, const Setting& setting,
                             const std::string& place) {
  const CLI::Option* const option = run.get_option_no_throw("--" + setting.name);
  const bool is_for_people =
      setting.name == "config" || setting.name == "check-config" || setting.name == "help";
  if (option && !is_for_people) {
    if (setting.has_value || is_flag(*option)) return *option;
    throw ConfigError(place + ": '" + setting.name + "' has no value; write " + setting.name +
                      " = " + option->get_type_name());
  }
  const std::string other = nearest(setting.name, names_of(run));
  throw ConfigError(place + ": '" + setting.name + "' is no option of a configuration file" +
                    (is_for_people || other.empty() ? "" : "; did you mean `" + other + "`?"));
}

}  // namespace

ConfigError::ConfigError(const std::string& what)
    : CLI::FileError(on_one_line(what), CLI::ExitCodes::FileError) {}

std::optional<std::string> value_of(const Arguments& arguments, const std::string& name) {
  std::optional<std::string> value;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i].starts_with(name + '=')) value = arguments[i].substr(name.size() + 1);
    if (arguments[i] == name) value = i + 1 < arguments.size() ? arguments[i + 1] : "";
  }
  return value;
}

bool is_in_environment(const CLI::Option& option) {
  const char* const value = std::getenv(option.get_envname().c_str());
  return value && *value;
}

Configured with_config(const CLI::App& portolan, const Arguments& arguments) {
  Configured configured{arguments};
  const bool is_daemon =
      !arguments.empty() && (arguments.front() == "serve" || arguments.front() == "run");
  const std::optional<std::string> path = is_daemon ? path_in(arguments) : std::nullopt;
  if (!path) return configured;
  const CLI::App& command = *portolan.get_subcommand(arguments.front());
  for (const Setting& setting : read_items(*path)) {
    const std::string place = *path + ':' + std::to_string(setting.line);
    const CLI::Option& option = option_of(*portolan.get_subcommand("run"), setting, place);
    const std::string name = "--" + setting.name;
    if (!command.get_option_no_throw(name)) {
      configured.of_run_alone.emplace_back(place).append(": ").append(name);
      continue;
    }
    if (value_of(arguments, name) || is_in_environment(option)) continue;
    configured.places[name] = place;
    for (const std::string& value : setting.values)
      configured.arguments.emplace_back(name).append(1, '=').append(value);
    if (!setting.has_value) configured.arguments.push_back(name);
  }
  return configured;
}

}  // namespace options
