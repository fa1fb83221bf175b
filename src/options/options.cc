#include "options/options.h"

#include <algorithm>
#include <iostream>
#include <memory>
#include <string_view>

#include "options/config.h"
#include "options/help.h"
#include "options/meant.h"
#include "options/sources.h"
#include "options/warnings.h"
#include "options/words.h"
#include "outputs/member_json.h"

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
      "names", "Print the names that are registered with an EPMD: name, port and EPMD, one a line");
  add_arguments(
      app, "host", "HOST", *hosts,
      "The EPMD: HOST, HOST:PORT or [IPV6]:PORT. All addresses of a host are asked (default: "
      "the local EPMD)");
  add_port(app, *port, "EPMD's port at a HOST that is given without one (default 4369)");
  add_asking(app, names->asking);
  app.footer("Examples:\n  portolan names\n  portolan names --json web db:4370 [::1]:4369");
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
  app.add_option("name", *target,
                 "The registered name: NAME at the local EPMD, NAME@HOST or NAME@HOST:PORT")
      ->type_name("NAME[@HOST[:PORT]]")
      ->required();
  add_port(app, *port, "EPMD's port, if NAME has none (default 4369)");
  add_asking(app, lookup->asking);
  app.footer("Examples:\n  portolan lookup web\n  portolan lookup --json web@host1:4369");
  app.callback([lookup, target, port, &chosen] {
    const size_t at = target->find('@');
    lookup->alive_name = target->substr(0, at);
    if (lookup->alive_name.empty()) refuse("NAME", "'" + *target + "' has no name");
    lookup->endpoint.port = *port;
    if (at != std::string::npos)
      lookup->endpoint = endpoint_or_refuse(target->substr(at + 1), *port);
    chosen = *lookup;
  });
}

void add_stop(CLI::App& portolan, Command& chosen) {
  auto stop = std::make_shared<Stop>();
  CLI::App& app = *portolan.add_subcommand(
      "stop", "Unregister a name at the local EPMD, if that relaxes its command checks");
  app.add_option("name", stop->alive_name, "The name to unregister")->type_name("NAME")->required();
  add_port(app, stop->port, "Port of the local EPMD (default 4369)");
  add_asking(app, stop->asking);
  app.callback([stop, &chosen] {
    if (stop->alive_name.empty()) refuse("NAME", "it is empty");
    chosen = *stop;
  });
}

void add_kill(CLI::App& portolan, Command& chosen) {
  auto kill = std::make_shared<Kill>();
  CLI::App& app = *portolan.add_subcommand(
      "kill", "End the local EPMD, if no node is registered or it relaxes its command checks");
  add_port(app, kill->port, "Port of the local EPMD (default 4369)");
  add_asking(app, kill->asking);
  app.callback([kill, &chosen] { chosen = *kill; });
}

void add_upgrade(CLI::App& portolan, Command& chosen) {
  auto upgrade = std::make_shared<Upgrade>();
  CLI::App& app = *portolan.add_subcommand(
      "upgrade",
      "Have a daemon go on as the program that is at its path by now, with all its names");
  app.add_option("pid", upgrade->process, "The daemon's process (default: the only one here)")
      ->type_name("PID")
      ->check(CLI::PositiveNumber);
  add_asking(app, upgrade->asking, "30s");
  app.callback([upgrade, &chosen] { chosen = *upgrade; });
}

void add_epmd(CLI::App& portolan) {
  // Never parsed here: it has its own command line. It stands in the help.
  portolan.add_subcommand(
      "epmd", "Behave as OTP's epmd, with its options and texts (see `portolan epmd -help`)");
}

/// `run` has a command of others' behind the first `--`, and `takeover` the options of `serve`.
std::vector<std::string>::const_iterator end_of_ours(const std::vector<std::string>& arguments) {
  const bool has_more =
      !arguments.empty() && (arguments.front() == "run" || arguments.front() == "takeover");
  return has_more ? std::find(arguments.begin(), arguments.end(), "--") : arguments.end();
}

std::vector<std::string> until_command(const std::vector<std::string>& arguments) {
  return {arguments.begin(), end_of_ours(arguments)};
}

std::vector<std::string> words_behind(const std::vector<std::string>& arguments) {
  const auto end = end_of_ours(arguments);
  return end == arguments.end() ? std::vector<std::string>{}
                                : std::vector<std::string>(end + 1, arguments.end());
}

bool is_json_wanted(const Arguments& arguments) {
  return std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
}

Exit complain(const std::string& command, const std::string& why, const Arguments& arguments) {
  const int wrong_command_line = 2;
  std::cerr << command << ": " << why << " (see `" << command << " --help`)\n";
  if (is_json_wanted(arguments))
    std::cout << outputs::one_line({{"error", why}, {"reason", "usage"}}) << std::endl;
  return {wrong_command_line};
}

/// "QUERY is missing; …": what CLI11 says has a name that no help text has.
std::string missing_argument(const CLI::App& command) {
  for (const CLI::Option* const option : command.get_options())
    if (option->get_positional() && option->get_required() && option->empty())
      return option->get_type_name() + " is missing: " + option->get_description();
  return {};
}

bool has_option(const Arguments& words) {
  return std::any_of(words.begin(), words.end(),
                     [](const std::string& word) { return word.starts_with('-'); });
}

std::string why_of(const CLI::App& portolan, const CLI::App& command, const CLI::ParseError& error,
                   const Sources& sources) {
  if (const auto* const refusal = dynamic_cast<const Refusal*>(&error))
    return sources.describe(command, refusal->name) +
           std::string(error.what()).substr(refusal->name.size());
  const std::string said = on_one_line(error.what());
  const bool is_missing = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
  const Arguments unknown = portolan.remaining(true);
  // A misspelt option may be all that is missing.
  if (dynamic_cast<const CLI::ExtrasError*>(&error) || (is_missing && has_option(unknown)))
    return describe_unknown(command, unknown);
  const std::string missing = is_missing ? missing_argument(command) : "";
  return missing.empty() ? said : missing;
}

void add_commands(CLI::App& portolan, Command& chosen) {
  add_serve(portolan, chosen);
  add_run(portolan, chosen);
  add_discover(portolan, chosen);
  add_wait(portolan, chosen);
  add_mesh(portolan, chosen);
  add_names(portolan, chosen);
  add_lookup(portolan, chosen);
  add_check(portolan, chosen);
  add_doctor(portolan, chosen);
  add_stop(portolan, chosen);
  add_kill(portolan, chosen);
  add_upgrade(portolan, chosen);
  add_takeover(portolan, chosen);
  add_epmd(portolan);
  add_completion(portolan, chosen);
  // A command's callback comes at once so that only its own environment is read.
  for (CLI::App* const command : portolan.get_subcommands([](CLI::App*) { return true; }))
    command->immediate_callback();
}

/// One reading of a command line.
class Reading {
 public:
  explicit Reading(const Arguments& arguments)
      : arguments_(arguments), words_(with_usual_words(until_command(arguments))) {
    portolan_.formatter(std::make_shared<HelpFormatter>());
    portolan_.require_subcommand(0, 1);  // CLI11 would complain of none where one is misspelt
    portolan_.add_flag("--version", is_version_,
                       "Print the version and exit; with --json, also "
                       "what it was built from and with");
    portolan_.add_flag("--json", is_json_, "With --version: print it as JSON");
    add_commands(portolan_, chosen_);
  }

  Command go() {
    const bool is_unknown =
        !words_.empty() && !words_.front().starts_with('-') && &command() == &portolan_;
    if (is_unknown) return refuse_for(describe_unknown(portolan_, {words_.front()}));
    try {
      sources_ = Sources(words_, with_config(portolan_, words_));
      parse();
    } catch (const CLI::CallForHelp& help) {
      portolan_.exit(help);  // prints
      return Exit{0};
    } catch (const CLI::ParseError& error) {
      return refuse_for(why_of(portolan_, command(), error, sources_));
    }
    if (is_version_) return Version{is_json_ ? Output::json : Output::text};
    if (portolan_.get_subcommands().empty())
      return refuse_for("a command is missing, such as serve");
    return finish();
  }

 private:
  void parse() {
    check_variables(command());
    check_words(command(), sources_.words());
    Arguments words = keep_brackets(command(), sources_.words());
    std::reverse(words.begin(), words.end());  // CLI11 wants it so
    portolan_.parse(std::move(words));
  }

  /// Which is known before CLI11 has read the words, and when that has failed.
  const CLI::App& command() const {
    const auto named = portolan_.get_subcommands([this](const CLI::App* each) {
      return !words_.empty() && each->get_name() == words_.front();
    });
    return named.empty() ? portolan_ : *named.front();
  }

  Exit refuse_for(const std::string& why) {
    const bool is_whole = &command() == &portolan_;
    return complain(is_whole ? "portolan" : "portolan " + command().get_name(), why, words_);
  }

  Command finish() {
    if (is_json_) return refuse_for("--json stands behind the command");
    if (auto* const serve = std::get_if<Serve>(&chosen_)) finish(*serve);
    if (auto* const discover = std::get_if<Discover>(&chosen_)) finish(*discover);
    if (auto* const mesh = std::get_if<Mesh>(&chosen_)) finish(*mesh);
    if (auto* const takeover = std::get_if<Takeover>(&chosen_))
      takeover->words = words_behind(arguments_);
    if (auto* const run = std::get_if<Run>(&chosen_)) {
      finish(run->serve);
      run->words = words_behind(arguments_);
      if (run->words.empty())
        return refuse_for("a command is missing, such as `-- erl -sname node`");
    }
    return chosen_;
  }

  void finish(Discover& discover) {
    const auto warn = [&](const char* option, const char* condition) {
      return warn_of_vain_option(command(), sources_, option, condition);
    };
    discover.warnings = discover.is_watching ? warn("--timeout", "with --watch")
                                             : warn("--interval", "without --watch");
  }

  void finish(Mesh& mesh) {
    if (mesh.is_watching) return;
    mesh.warnings = warn_of_vain_option(command(), sources_, "--interval", "without --watch");
  }

  void finish(Serve& serve) {
    serve.arguments = arguments_;
    serve.warnings = warn_of_vain_options(command(), serve, sources_);
    for (std::string& warning : warn_of_unknown_variables(portolan_))
      serve.warnings.push_back(std::move(warning));
  }

  Arguments arguments_;
  Arguments words_;
  CLI::App portolan_{description, "portolan"};
  Command chosen_ = {};
  Sources sources_{words_, {words_, {}}};
  bool is_version_ = false;
  bool is_json_ = false;
};

}  // namespace

std::string cli11_version() { return CLI11_VERSION; }

Command parse(const std::vector<std::string>& arguments) { return Reading(arguments).go(); }

}  // namespace options
