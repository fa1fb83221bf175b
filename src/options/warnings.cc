#include "options/warnings.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "options/meant.h"

namespace options {
namespace {

using Texts = std::vector<std::string>;

constexpr std::string_view ours = "PORTOLAN_";

/// Read by `serve` and `run` alone, so that in the environment too they are meant for the daemon.
/// The cookie, and what to look for, other commands take from there as well.
bool is_for_daemon(const std::string& variable) {
  constexpr std::array<std::string_view, 9> variables = {
      "PORTOLAN_PRINT",     "PORTOLAN_HOSTS_FILE", "PORTOLAN_NODES_FILE",
      "PORTOLAN_ON_CHANGE", "PORTOLAN_HTTP_HOST",  "PORTOLAN_DRAIN",
      "PORTOLAN_PUSH",      "PORTOLAN_PUSH_TO",    "PORTOLAN_KEEP_NAMES"};
  return std::find(variables.begin(), variables.end(), variable) != variables.end();
}

bool is_meant(const CLI::Option& option, Sources::Source source) {
  using Source = Sources::Source;
  if (source == Source::environment) return is_for_daemon(option.get_envname());
  return source == Source::command_line || source == Source::file;
}

void warn_of_each(const CLI::App& command, const Sources& sources, const Texts& names,
                  const std::string& condition, Texts& warnings) {
  for (const std::string& name : names) {
    const CLI::Option* const option = command.get_option_no_throw(name);
    if (option && is_meant(*option, sources.of(*option)))
      warnings.push_back(sources.describe(command, name) + " has no effect " + condition);
  }
}

/// The cookie, what is told to the command of --on-change, which may start a daemon, and what a
/// program tells the one that replaces it.
bool is_no_option(std::string_view variable) {
  constexpr std::array<std::string_view, 10> variables = {
      "COOKIE", "EVENT",    "NODE",     "ADDRESS", "PORT",
      "QUERY",  "VERIFIED", "CREATION", "REASON",  "HANDOVER"};
  return std::find(variables.begin(), variables.end(), variable) != variables.end();
}

/// Kubernetes, and Docker's links, tell of a service `portolan-x` by PORTOLAN_X_SERVICE_HOST,
/// PORTOLAN_X_PORT=tcp://…, PORTOLAN_X_PORT_4369_TCP_ADDR and their like.
bool is_of_an_engine(std::string_view variable, std::string_view value) {
  const auto has = [variable](std::string_view part) {
    return variable.find(part) != std::string_view::npos;
  };
  return has("SERVICE_HOST") || has("SERVICE_PORT") || has("_TCP") || has("_UDP") ||
         value.find("://") != std::string_view::npos;
}

/// What stands behind PORTOLAN_ in the variables of all options.
Texts variables_of(const CLI::App& portolan) {
  Texts variables;
  for (const CLI::App* const command : portolan.get_subcommands([](auto*) { return true; }))
    for (const CLI::Option* const option : command->get_options())
      if (const std::string& variable = option->get_envname(); variable.starts_with(ours))
        variables.push_back(variable.substr(ours.size()));
  return variables;
}

bool contains(const Texts& texts, const std::string& text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

std::string unknown_variable(const std::string& name, const Texts& known) {
  const std::string other = nearest(name, known);
  return std::string(ours) + name + " is set, and no option has this variable" +
         (other.empty() ? "" : "; did you mean `" + std::string(ours) + other + "`?");
}

}  // namespace

Texts warn_of_vain_options(const CLI::App& command, const Serve& serve, const Sources& sources) {
  Texts warnings;
  const auto warn = [&](const Texts& names, const std::string& needed) {
    warn_of_each(command, sources, names, "without " + needed, warnings);
  };
  const std::string discover = "--discover QUERY";
  if (serve.search.queries.empty()) {
    warn({"--interval", "--nodes", "--ignore", "--peers", "--hosts-file", "--nodes-file",
          "--on-change", "--mesh", "--ready-min", "--local-node"},
         discover);
    const CLI::Option* const wait = command.get_option_no_throw("--wait-for-own-name");
    if (!wait || sources.of(*wait) == Sources::Source::none) warn({"--nameservers"}, discover);
    if (serve.print != Print::none) warn({"--print"}, discover);
  }
  if (serve.push != Push::message) warn({"--push-to"}, "--push message");
  if (serve.push == Push::none && !serve.looks_at_mesh) warn({"--cookie-file"}, "--push or --mesh");
  if (serve.http.empty()) warn({"--http-host", "--ready-min", "--drain"}, "--http");
  for (const std::string& option : sources.of_run_alone())
    warnings.push_back(option + " has no effect without portolan run");
  return warnings;
}

Texts warn_of_vain_option(const CLI::App& command, const Sources& sources, const std::string& name,
                          const std::string& condition) {
  Texts warnings;
  warn_of_each(command, sources, {name}, condition, warnings);
  return warnings;
}

Texts warn_of_unknown_variables(const CLI::App& portolan) {
  const Texts known = variables_of(portolan);
  Texts warnings;
  for (char** each = environ; each && *each; ++each) {
    const std::string_view text = *each;
    if (!text.starts_with(ours)) continue;
    const size_t end = std::min(text.find('='), text.size());
    const std::string name(text.substr(ours.size(), end - ours.size()));
    const std::string_view value = text.substr(std::min(end + 1, text.size()));
    if (contains(known, name) || is_no_option(name)) continue;
    if (!is_of_an_engine(name, value)) warnings.push_back(unknown_variable(name, known));
  }
  std::sort(warnings.begin(), warnings.end());
  return warnings;
}

}  // namespace options
