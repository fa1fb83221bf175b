#include <cstdlib>
#include <memory>

#include "base/host_port.h"
#include "http/host.h"
#include "options/words.h"

namespace options {
namespace {

constexpr size_t registered_name_bytes_max = 255;

void add_limits(CLI::App& app, Serve& serve) {
  add_networks(app, "--allow", serve.allowed,
               "Who besides this host may ask for names and ports, such as 10.0.0.0/8,fd00::/8 "
               "(default: anybody)")
      ->envname("PORTOLAN_ALLOW");
}

/// Where the results of discovery go.
void add_outputs(CLI::App& app, Serve& serve) {
  const auto set_print = [&serve](const std::string& text) {
    serve.print = text == "json" ? Print::json : text == "none" ? Print::none : Print::text;
  };
  add_choice(app, "--print", {"text", "json", "none"}, set_print,
             "How to print who joined and left (default text, with run none)", "PORTOLAN_PRINT");
  app.add_option("--hosts-file", serve.hosts_file, "Keep a .hosts.erlang with the members' hosts")
      ->type_name("PATH")
      ->envname("PORTOLAN_HOSTS_FILE");
  app.add_option("--nodes-file", serve.nodes_file, "Keep a JSON file with the members")
      ->type_name("PATH")
      ->envname("PORTOLAN_NODES_FILE");
  app.add_option("--on-change", serve.on_change,
                 "Run this in a shell for each change, with PORTOLAN_EVENT, PORTOLAN_NODE, … set")
      ->type_name("CMD")
      ->envname("PORTOLAN_ON_CHANGE");
}

void add_push(CLI::App& app, Serve& serve) {
  const auto set_push = [&serve](const std::string& text) {
    serve.push = text == "none" ? Push::none : Push::connect;
    if (text == "message") serve.push = Push::message;
  };
  add_choice(app, "--push", {"none", "connect", "message"}, set_push,
             "Have the nodes registered here connect to those discovered, or send a process of "
             "theirs who joins and leaves (default none)",
             "PORTOLAN_PUSH");
  const auto set_push_to = [&serve](const std::string& text) {
    if (text.empty() || text.size() > registered_name_bytes_max)
      refuse("--push-to", "a process is registered under a name of 1 to 255 bytes");
    serve.push_to = text;
  };
  app.add_option_function<std::string>("--push-to", set_push_to,
                                       "The registered process that messages go to "
                                       "(default portolan)")
      ->type_name("NAME")
      ->envname("PORTOLAN_PUSH_TO");
  add_cookie_file(app, serve.cookies.path);
}

net::Address http_address(const std::string& text) {
  const auto place = base::parse_host_port(text);
  const bool is_whole = place && place->port;
  const std::string host = !is_whole || place->host != "localhost" ? "" : "127.0.0.1";
  const auto address = is_whole
                           ? net::Address::parse(host.empty() ? place->host : host, *place->port)
                           : std::nullopt;
  if (!address)
    refuse("--http", "'" + text + "' is not ADDR:PORT, such as 127.0.0.1:9370 or [::]:9370");
  return *address;
}

void add_http(CLI::App& app, Serve& serve) {
  const auto set_http = [&serve](const std::vector<std::string>& texts) {
    for (const std::string& text : texts) serve.http.push_back(http_address(text));
  };
  app.add_option_function<std::vector<std::string>>("--http", set_http,
                                                    "Serve health, metrics, JSON and a status page "
                                                    "there, to anybody who can reach it; several "
                                                    "are separated by commas")
      ->type_name("ADDR:PORT")
      ->delimiter(',')
      ->envname("PORTOLAN_HTTP");
  const auto set_hosts = [&serve](const std::vector<std::string>& texts) {
    for (const std::string& text : texts)
      if (!http::Hosts::is_pattern(text))
        refuse("--http-host",
               "'" + text + "' is no name; write NAME, *.DOMAIN, or * for any, without a port");
    serve.http_hosts = texts;
  };
  app.add_option_function<std::vector<std::string>>(
         "--http-host", set_hosts,
         "With --http, names by which it is asked besides addresses, names without a dot and this "
         "host's own: NAME, *.DOMAIN, or * for any, separated by commas")
      ->type_name("NAME")
      ->delimiter(',')
      ->envname("PORTOLAN_HTTP_HOST");
  const auto set_drain = [&serve](const std::string& text) {
    const auto drain = parse_duration(text);
    if (!drain) refuse("--drain", "'" + text + "' is not a duration; write 0, 500ms, 5s or 2m");
    serve.drain = *drain;
  };
  app.add_option_function<std::string>("--drain", set_drain,
                                       "With --http, how long to go on after SIGTERM, telling that "
                                       "it is not ready (default 1s)")
      ->type_name("D")
      ->envname("PORTOLAN_DRAIN");
}

/// What a serve has been told, until the whole command line has been read.
struct Told {
  Serve serve = {};
  SearchTexts search = {};
  size_t connections_max = 0;
  std::string config = {};
};

Serve finish(const CLI::App& app, Told& told) {
  for (const CLI::Option* const option : app.get_options())
    if (!option->results().empty()) told.serve.given[option->get_name()] = option->results();
  told.serve.search = told.search.finish("--discover", told.serve.port);
  if (told.connections_max > 0) told.serve.connections_max = told.connections_max;
  told.serve.cookies = where_the_cookie_is(told.serve.cookies.path);
  // As for the reference, that the variable is there is enough.
  if (std::getenv("ERL_EPMD_RELAXED_COMMAND_CHECK")) told.serve.relaxed_command_check = true;
  return told.serve;
}

void add_serve_options(CLI::App& app, Told& told) {
  Serve& serve = told.serve;
  app.add_option("--address", serve.address,
                 "Addresses to listen on besides loopback, separated by commas (default: all)")
      ->type_name("LIST")
      ->envname("ERL_EPMD_ADDRESS");
  add_port(app, serve.port, "Port to listen on (default 4369)");
  add_duration(app, "--packet-timeout", serve.packet_timeout,
               "How long a client may pause in its request (default 60s)");
  app.add_flag("--relaxed-command-check", serve.relaxed_command_check,
               "Let KILL end the daemon while nodes are registered, and STOP unregister them "
               "(Env:ERL_EPMD_RELAXED_COMMAND_CHECK)");
  add_limits(app, serve);
  add_count(app, "--max-connections", told.connections_max,
            "How many connections may be open (default: what the descriptor limit allows)")
      ->envname("PORTOLAN_MAX_CONNECTIONS");
  add_queries_to_discover(app, told.search,
                          "Discover the nodes behind HOST, HOST:PORT or srv:NAME; may repeat");
  add_search(app, told.search);
  add_outputs(app, serve);
  add_push(app, serve);
  add_http(app, serve);
  add_log(app, serve.log);
  app.add_option("--log-file", serve.log.file,
                 "Log to this file in place of standard error; SIGHUP opens it again")
      ->type_name("PATH")
      ->envname("PORTOLAN_LOG_FILE");
  app.add_option("--config", told.config, "Read options from this file too (name = value)")
      ->type_name("FILE")
      ->envname("PORTOLAN_CONFIG");
  app.add_flag(
      "--check-config", serve.is_check,
      "Only look whether the daemon could be run so, and say what would keep it from that");
}

}  // namespace

void add_cookie_file(CLI::App& app, std::string& path) {
  app.add_option("--cookie-file", path,
                 "Where the nodes' cookie is, unless PORTOLAN_COOKIE or RELEASE_COOKIE holds it "
                 "(default ~/.erlang.cookie)")
      ->type_name("PATH")
      ->envname("PORTOLAN_COOKIE_FILE");
}

push::CookieSource where_the_cookie_is(const std::string& named_file) {
  if (!named_file.empty()) return {{}, named_file};
  for (const char* const variable : {"PORTOLAN_COOKIE", "RELEASE_COOKIE"})
    if (const char* const cookie = std::getenv(variable); cookie && *cookie) return {variable, {}};
  const char* const home = std::getenv("HOME");
  return {{}, std::string(home ? home : "") + "/.erlang.cookie"};
}

void add_serve(CLI::App& portolan, Command& chosen) {
  auto told = std::make_shared<Told>();
  CLI::App& app = *portolan.add_subcommand("serve", "Run the daemon, in the foreground");
  add_serve_options(app, *told);
  app.callback([told, &app, &chosen] { chosen = finish(app, *told); });
}

/// What stands behind `--` is split off before CLI11 sees the rest.
void add_run(CLI::App& portolan, Command& chosen) {
  auto told = std::make_shared<Told>();
  auto run = std::make_shared<Run>();
  told->serve.print = Print::none;  // standard output is the command's
  CLI::App& app = *portolan.add_subcommand(
      "run", "Run the daemon with a command beside it: `run [OPTIONS] -- CMD ARG...`");
  add_serve_options(app, *told);
  add_command_options(app, *run);
  app.callback([told, run, &app, &chosen] {
    run->serve = finish(app, *told);
    chosen = *run;
  });
}

}  // namespace options
