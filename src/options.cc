#include "options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <string_view>

namespace options {
namespace {

using std::chrono::milliseconds;

std::optional<milliseconds> unit_of(std::string_view suffix) {
  if (suffix == "ms") return milliseconds(1);
  if (suffix.empty() || suffix == "s") return std::chrono::seconds(1);
  if (suffix == "m") return std::chrono::minutes(1);
  if (suffix == "h") return std::chrono::hours(1);
  return std::nullopt;
}

template <typename Number>
std::optional<Number> parse_number(std::string_view digits) {
  Number number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stopped, fault] = std::from_chars(digits.data(), end, number);
  if (fault != std::errc{} || stopped != end) return std::nullopt;
  return number;
}

std::optional<uint16_t> parse_port_no(std::string_view digits) {
  const std::optional<uint16_t> port_no = parse_number<uint16_t>(digits);
  return port_no == uint16_t{0} ? std::nullopt : port_no;
}

}  // namespace

std::optional<milliseconds> parse_duration(std::string_view text) {
  constexpr milliseconds duration_max = std::chrono::years(1);  // more would be a slip
  const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto count = parse_number<int64_t>(text.substr(0, digits));
  const auto unit = unit_of(text.substr(digits));
  if (!count || !unit || *count > duration_max / *unit) return std::nullopt;
  return *unit * *count;
}

std::optional<Endpoint> parse_endpoint(std::string_view text, uint16_t port_default) {
  const bool is_bracketed = text.starts_with('[');
  const bool is_bare_ipv6 = !is_bracketed && text.find(':') != text.rfind(':');
  if (is_bare_ipv6) return Endpoint{std::string(text), port_default};
  const size_t host_end = is_bracketed ? text.find(']') : std::min(text.find(':'), text.size());
  if (host_end == std::string_view::npos) return std::nullopt;
  const std::string_view host = text.substr(is_bracketed, host_end - is_bracketed);
  const std::string_view rest = text.substr(host_end + is_bracketed);
  if (host.empty()) return std::nullopt;
  if (rest.empty()) return Endpoint{std::string(host), port_default};
  const auto port_no = parse_port_no(rest.substr(1));
  if (rest.front() != ':' || !port_no) return std::nullopt;
  return Endpoint{std::string(host), *port_no};
}

namespace {

constexpr const char* description =
    "Portolan, an EPMD (Erlang Port Mapper Daemon) for containers.\n"
    "Called as `epmd`, or as `portolan epmd`, it takes the options of OTP's epmd.";

/// Ends the parse with one line that says what is wrong with an option's value.
[[noreturn]] void refuse(const std::string& option, const std::string& why) {
  throw CLI::ValidationError(option, why);
}

void add_duration(CLI::App& app, const std::string& name, milliseconds& value,
                  const std::string& help) {
  const auto set = [&value, name](const std::string& text) {
    const std::optional<milliseconds> parsed = parse_duration(text);
    if (!parsed || parsed->count() == 0)
      refuse(name, "'" + text + "' is not a duration; write 500ms, 5s, 2m or 1h");
    value = *parsed;
  };
  app.add_option_function<std::string>(name, set, help)->type_name("D");
}

CLI::Option* add_port(CLI::App& app, uint16_t& value, const std::string& help) {
  const auto set = [&value](const std::string& text) {
    const std::optional<uint16_t> parsed = parse_port_no(text);
    if (!parsed) refuse("--port", "'" + text + "' is not a port; write a number from 1 to 65535");
    value = *parsed;
  };
  return app.add_option_function<std::string>("--port", set, help)
      ->type_name("N")
      ->envname("ERL_EPMD_PORT");
}

void add_asking(CLI::App& app, Asking& asking) {
  app.add_flag_callback(
      "--json", [&asking] { asking.output = Output::json; },
      "Print the result as JSON, one object a line");
  add_duration(app, "--timeout", asking.timeout, "Give up after this long (default 5s)");
}

Endpoint endpoint_or_refuse(const std::string& text, uint16_t port_default) {
  const std::optional<Endpoint> endpoint = parse_endpoint(text, port_default);
  if (!endpoint)
    refuse("HOST", "'" + text + "' is not an EPMD; write HOST, HOST:PORT or [IPV6]:PORT");
  return *endpoint;
}

void add_limits(CLI::App& app, Serve& serve) {
  app.add_option_function<std::vector<std::string>>(
         "--allow",
         [&serve](const std::vector<std::string>& texts) {
           for (const std::string& text : texts) {
             const base::Result<net::Network> network = net::Network::parse(text);
             if (!network) refuse("--allow", network.error().message);
             serve.allowed.push_back(*network);
           }
         },
         "Who besides this host may ask for names and ports, such as 10.0.0.0/8,fd00::/8 "
         "(default: anybody)")
      ->type_name("CIDR")
      ->delimiter(',')
      ->envname("PORTOLAN_ALLOW");
  app.add_option_function<std::string>(
         "--max-connections",
         [&serve](const std::string& text) {
           serve.connections_max = parse_number<size_t>(text);
           if (!serve.connections_max.value_or(0))
             refuse("--max-connections", "'" + text + "' is not a number above 0");
         },
         "How many connections may be open (default: what the descriptor limit allows)")
      ->type_name("N")
      ->envname("PORTOLAN_MAX_CONNECTIONS");
}

std::string in_one_word(const std::vector<std::string>& choices) {
  std::string word;
  for (const std::string& choice : choices) word += (word.empty() ? "" : "|") + choice;
  return word;
}

/// Not CLI::IsMember, with which newer releases of CLI11 pass over what is wrong in the
/// environment.
void add_choice(CLI::App& app, const std::string& name, const std::vector<std::string>& choices,
                const std::function<void(const std::string&)>& set, const std::string& help,
                const std::string& variable) {
  const auto set_checked = [=](const std::string& text) {
    if (std::find(choices.begin(), choices.end(), text) == choices.end())
      refuse(name, "'" + text + "' is not one of " + in_one_word(choices));
    set(text);
  };
  app.add_option_function<std::string>(name, set_checked, help)
      ->type_name(in_one_word(choices))
      ->envname(variable);
}

void add_log(CLI::App& app, Serve& serve) {
  const auto set_level = [&serve](const std::string& text) { serve.log_level = text; };
  add_choice(app, "--log-level", {"trace", "debug", "info", "warning", "error", "off"}, set_level,
             "How much to log to standard error (default info)", "PORTOLAN_LOG_LEVEL");
  const auto set_format = [&serve](const std::string& text) {
    serve.log_format = text == "json" ? LogSettings::Format::json : LogSettings::Format::text;
  };
  add_choice(app, "--log-format", {"text", "json"}, set_format, "How to log (default text)",
             "PORTOLAN_LOG_FORMAT");
}

/// Each function adds one command, which on being chosen puts what it was told into `chosen`.
void add_serve(CLI::App& portolan, Command& chosen) {
  auto serve = std::make_shared<Serve>();
  CLI::App& app = *portolan.add_subcommand("serve", "Run the daemon, in the foreground");
  app.add_option("--address", serve->address,
                 "Addresses to listen on besides loopback, separated by commas (default: all)")
      ->type_name("LIST")
      ->envname("ERL_EPMD_ADDRESS");
  add_port(app, serve->port, "Port to listen on (default 4369)");
  add_duration(app, "--packet-timeout", serve->packet_timeout,
               "How long a whole request may take (default 60s)");
  app.add_flag("--relaxed-command-check", serve->relaxed_command_check,
               "Let KILL end the daemon while nodes are registered, and STOP unregister them "
               "(Env:ERL_EPMD_RELAXED_COMMAND_CHECK)");
  add_limits(app, *serve);
  add_log(app, *serve);
  app.callback([serve, &chosen] {
    // As for the reference, that the variable is there is enough.
    if (std::getenv("ERL_EPMD_RELAXED_COMMAND_CHECK")) serve->relaxed_command_check = true;
    chosen = *serve;
  });
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

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

Exit complain(const std::string& command, const std::string& why) {
  const int wrong_command_line = 2;
  std::cerr << command << ": " << why << " (see `" << command << " --help`)\n";
  return {wrong_command_line};
}

Exit explain(const CLI::App& portolan, const CLI::ParseError& error) {
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
    portolan.exit(error);  // --help and --version: prints
    return {0};
  }
  const auto chosen = portolan.get_subcommands();
  const std::string command =
      chosen.empty() ? "portolan" : "portolan " + chosen.front()->get_name();
  return complain(command, first_line(error.what()));
}

}  // namespace
}  // namespace options

options::Command parse_options(const std::vector<std::string>& arguments) {
  using namespace options;
  CLI::App portolan(description, "portolan");
  Command chosen;
  portolan.set_version_flag("--version", "portolan " PORTOLAN_VERSION);
  portolan.require_subcommand(0, 1);  // CLI11 would complain of none where one is misspelt
  add_serve(portolan, chosen);
  add_names(portolan, chosen);
  add_lookup(portolan, chosen);
  add_stop(portolan, chosen);
  add_kill(portolan, chosen);
  add_epmd(portolan);
  // A command's callback comes at once so that only its own environment is read.
  for (CLI::App* const command : portolan.get_subcommands([](CLI::App*) { return true; }))
    command->immediate_callback();
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // CLI11 wants it so
    portolan.parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    return explain(portolan, error);
  }
  if (portolan.get_subcommands().empty())
    return complain("portolan", "a command is missing, such as serve");
  return chosen;
}
