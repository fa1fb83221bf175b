#include "options/options.h"

#include <algorithm>
#include <iostream>
#include <memory>
#include <string_view>

#include "options/config.h"
#include "options/meant.h"
#include "options/words.h"

namespace options {
namespace {

constexpr const char* description =
    "Portolan, an EPMD (Erlang Port Mapper Daemon) for containers.\n"
    "Called as `epmd`, or as `portolan epmd`, it takes the options of OTP's epmd.";

Endpoint endpoint_or_refuse(const std::string& text, uint16_t port_default) {
  const std::optional<Endpoint> endpoint = parse_endpoint(text, port_default);
  if (!endpoint)
    refuse("HOST", "'" + text + "' is not an EPMD; write HOST, HOST:PORT or [IPV6]:PORT");
  return *endpoint;
}

void add_names(CLI::App& portolan, Command& chosen) {
  auto names = std::make_shared<Names>();
  auto hosts = std::make_shared<std::vector<std::string>>();
  auto port = std::make_shared<uint16_t>(epmd_port_no_default);
  CLI::App& app = *portolan.add_subcommand(
      "names", "Print the names registered at EPMDs: name, port, and which EPMD, on a line");
  app.add_option("host", *hosts, "HOST, HOST:PORT or [IPV6]:PORT (default: the local EPMD)")
      ->type_name("HOST");
  add_port(app, *port, "Port of the EPMDs that are given without one (default 4369)");
  add_asking(app, names->asking);
  app.callback([names, hosts, port, &chosen] {
    for (const std::string& host : *hosts)
      names->endpoints.push_back(endpoint_or_refuse(host, *port));
    if (hosts->empty()) names->endpoints.push_back({.port = *port});
    chosen = *names;
  });
}

void add_lookup(CLI::App& portolan, Command& chosen) {
  auto lookup = std::make_shared<Lookup>();
  auto target = std::make_shared<std::string>();
  auto port = std::make_shared<uint16_t>(epmd_port_no_default);
  CLI::App& app =
      *portolan.add_subcommand("lookup", "Print the port, type and versions of a registered name");
  app.add_option("name", *target, "NAME, NAME@HOST or NAME@HOST:PORT")
      ->type_name("NAME[@HOST[:PORT]]")
      ->required();
  add_port(app, *port, "Port of the EPMD, if it is given without one (default 4369)");
  add_asking(app, lookup->asking);
  app.callback([lookup, target, port, &chosen] {
    const size_t at = target->find('@');
    lookup->alive_name = target->substr(0, at);
    lookup->endpoint.port = *port;
    if (at != std::string::npos)
      lookup->endpoint = endpoint_or_refuse(target->substr(at + 1), *port);
    chosen = *lookup;
  });
}

void add_stop(CLI::App& portolan, Command& chosen) {
  auto stop = std::make_shared<Stop>();
  CLI::App& app = *portolan.add_subcommand(
      "stop", "Unregister a name at the local EPMD, which must run with relaxed command checks");
  app.add_option("name", stop->alive_name, "The name to unregister")->type_name("NAME")->required();
  add_port(app, stop->port, "Port of the local EPMD (default 4369)");
  add_asking(app, stop->asking);
  app.callback([stop, &chosen] { chosen = *stop; });
}

void add_kill(CLI::App& portolan, Command& chosen) {
  auto kill = std::make_shared<Kill>();
  CLI::App& app = *portolan.add_subcommand(
      "kill", "End the local EPMD: only without registered names, or with relaxed command checks");
  add_port(app, kill->port, "Port of the local EPMD (default 4369)");
  add_asking(app, kill->asking);
  app.callback([kill, &chosen] { chosen = *kill; });
}

void add_epmd(CLI::App& portolan) {
  // Never parsed here: it has its own command line. It stands in the help.
  portolan.add_subcommand("epmd",
                          "Be OTP's epmd: same options, same texts (try `portolan epmd -help`)");
}

/// `run` has a command of others' behind the first `--`.
std::vector<std::string>::const_iterator end_of_ours(const std::vector<std::string>& arguments) {
  const bool is_run = !arguments.empty() && arguments.front() == "run";
  return is_run ? std::find(arguments.begin(), arguments.end(), "--") : arguments.end();
}

std::vector<std::string> until_command(const std::vector<std::string>& arguments) {
  return {arguments.begin(), end_of_ours(arguments)};
}

std::vector<std::string> command_in(const std::vector<std::string>& arguments) {
  const auto end = end_of_ours(arguments);
  return end == arguments.end() ? std::vector<std::string>{}
                                : std::vector<std::string>(end + 1, arguments.end());
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

Exit complain(const std::string& command, const std::string& why) {
  const int wrong_command_line = 2;
  std::cerr << command << ": " << why << " (see `" << command << " --help`)\n";
  return {wrong_command_line};
}

std::string what_was_meant(const CLI::App& portolan, const CLI::ParseError& error) {
  if (error.get_exit_code() != static_cast<int>(CLI::ExitCodes::ExtrasError)) return {};
  const auto chosen = portolan.get_subcommands();
  const std::vector<std::string> unknown = portolan.remaining(true);
  if (unknown.empty()) return {};
  const std::string sentence = meant(chosen.empty() ? portolan : *chosen.front(), unknown);
  return sentence.empty() ? "" : "; " + sentence;
}

Exit explain(const CLI::App& portolan, const CLI::ParseError& error) {
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
    portolan.exit(error);  // --help and --version: prints
    return {0};
  }
  const auto chosen = portolan.get_subcommands();
  const std::string command =
      chosen.empty() ? "portolan" : "portolan " + chosen.front()->get_name();
  return complain(command, first_line(error.what()) + what_was_meant(portolan, error));
}

}  // namespace
Command parse(const std::vector<std::string>& arguments) {
  CLI::App portolan(description, "portolan");
  Command chosen;
  portolan.set_version_flag("--version", "portolan " PORTOLAN_VERSION);
  portolan.require_subcommand(0, 1);  // CLI11 would complain of none where one is misspelt
  add_serve(portolan, chosen);
  add_run(portolan, chosen);
  add_discover(portolan, chosen);
  add_wait(portolan, chosen);
  add_names(portolan, chosen);
  add_lookup(portolan, chosen);
  add_check(portolan, chosen);
  add_doctor(portolan, chosen);
  add_stop(portolan, chosen);
  add_kill(portolan, chosen);
  add_epmd(portolan);
  add_completion(portolan, chosen);
  // A command's callback comes at once so that only its own environment is read.
  for (CLI::App* const command : portolan.get_subcommands([](CLI::App*) { return true; }))
    command->immediate_callback();
  try {
    std::vector<std::string> words =
        with_config(portolan, with_usual_words(until_command(arguments)));
    std::reverse(words.begin(), words.end());  // CLI11 wants it so
    portolan.parse(std::move(words));
  } catch (const CLI::ParseError& error) {
    return explain(portolan, error);
  }
  if (portolan.get_subcommands().empty())
    return complain("portolan", "a command is missing, such as serve");
  if (auto* const serve = std::get_if<Serve>(&chosen)) serve->arguments = arguments;
  if (auto* const run = std::get_if<Run>(&chosen)) {
    run->serve.arguments = arguments;
    run->words = command_in(arguments);
    if (run->words.empty())
      return complain("portolan run", "a command is missing, such as `-- erl -sname node`");
  }
  return chosen;
}

}  // namespace options
