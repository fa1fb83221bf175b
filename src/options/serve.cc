#include <cstdlib>
#include <memory>

#include "base/host_port.h"
#include "http/host.h"
#include "options/help.h"
#include "options/words.h"

namespace options {
namespace {

constexpr size_t registered_name_bytes_max = 255;

void add_limits(CLI::App& app, Serve& serve, size_t& connections_max) {
  add_duration(app, "--packet-timeout", serve.packet_timeout,
               "Close a connection whose client pauses for longer than this (default 60s)");
  app.add_flag("--relaxed-command-check", serve.relaxed_command_check,
               "Let `portolan kill` end the daemon while nodes are registered, and `portolan stop` "
               "unregister a node (Env:ERL_EPMD_RELAXED_COMMAND_CHECK)");
  add_networks(app, "--allow", serve.allowed,
               "Networks whose hosts may ask for names and ports, such as 10.0.0.0/8,fd00::/8; "
               "this host always may (default: every host may)")
      ->envname("PORTOLAN_ALLOW");
  add_count(app, "--max-connections", connections_max,
            "How many connections may be open at the same time (default: what the limit of file "
            "descriptors allows)")
      ->envname("PORTOLAN_MAX_CONNECTIONS");
}

/// As an IPv6 address is written before a port. The list has no ports.
std::string without_brackets(const std::string& text) {
  const auto address = base::parse_host_port(text);
  return address && !address->port && base::is_ipv6(address->host) ? address->host : text;
}

void add_keep_names(CLI::App& app, Serve& serve) {
  add_choice(
      app, "--keep-names", {"yes", "no"},
      [&serve](const std::string& text) { serve.keeps_names = text == "yes"; },
      "Let names outlive a crash of the server: a second process, the keeper, restarts it, and "
      "connections and creations stay (default yes)",
      "PORTOLAN_KEEP_NAMES");
}

void add_epmd(CLI::App& app, Serve& serve, size_t& connections_max) {
  begin_group(app, "EPMD");
  const auto set_address = [&serve](const std::vector<std::string>& texts) {
    for (const std::string& text : texts)
      serve.address += (serve.address.empty() ? "" : ",") + without_brackets(text);
    const auto plan = net::plan_listening(serve.address, serve.port);
    if (!plan) refuse("--address", plan.error().message);
  };
  add_list(app, "--address", "LIST", set_address,
           "Addresses to listen on, such as 10.0.0.5,fd00::5; loopback is added "
           "(default: all addresses)")
      ->envname("ERL_EPMD_ADDRESS");
  add_port(app, serve.port, "Port to listen on (default 4369)");
  add_limits(app, serve, connections_max);
  add_keep_names(app, serve);
}

/// Where the results of discovery go.
void add_outputs(CLI::App& app, Serve& serve) {
  begin_group(app, "Outputs of discovery");
  const auto set_print = [&serve](const std::string& text) {
    serve.print = text == "json" ? Print::json : text == "none" ? Print::none : Print::text;
  };
  add_choice(
      app, "--print", {"text", "json", "none"}, set_print,
      "Print a line on standard output for each node that joins or leaves (default text, with "
      "run none)",
      "PORTOLAN_PRINT");
  const auto add_path = [&app](const char* name, std::string& path, const char* help,
                               const char* variable) {
    app.add_option(name, path, help)->type_name("PATH")->envname(variable);
  };
  add_path("--hosts-file", serve.hosts_file,
           "Write the members' hosts to this file, in the form of .hosts.erlang",
           "PORTOLAN_HOSTS_FILE");
  add_path("--nodes-file", serve.nodes_file, "Write the members to this file, as JSON",
           "PORTOLAN_NODES_FILE");
  app.add_option("--on-change", serve.on_change,
                 "Run this command in a shell for each node that joins or leaves; PORTOLAN_EVENT, "
                 "PORTOLAN_NODE and others tell it which")
      ->type_name("CMD")
      ->envname("PORTOLAN_ON_CHANGE");
}

void add_local_nodes(CLI::App& app, Serve& serve) {
  const auto set = [&serve](const std::vector<std::string>& texts) {
    serve.local_node_ports.clear();
    for (const std::string& text : texts) {
      const auto port = base::parse_port_no(text);
      if (!port) refuse("--local-node", "'" + text + "' is not a port; write 1 to 65535");
      serve.local_node_ports.push_back(*port);
    }
  };
  add_list(
      app, "--local-node", "PORT", set,
      "A port at which a node of this host listens that does not register here, such as one with "
      "an -epmd_module of its own; it is told of the members too")
      ->envname("PORTOLAN_LOCAL_NODE");
}

void add_push(CLI::App& app, Serve& serve) {
  begin_group(app, "Push");
  const auto set_push = [&serve](const std::string& text) {
    serve.push = text == "none" ? Push::none : Push::connect;
    if (text == "message") serve.push = Push::message;
  };
  add_choice(app, "--push", {"none", "connect", "message"}, set_push,
             "What to do with the nodes registered here when members join or leave. connect: tell "
             "them to connect to the members. message: send a message to a process on them. none: "
             "nothing (default none)",
             "PORTOLAN_PUSH");
  const auto set_push_to = [&serve](const std::string& text) {
    if (text.empty() || text.size() > registered_name_bytes_max)
      refuse("--push-to", "a process is registered under a name of 1 to 255 bytes");
    serve.push_to = text;
  };
  app.add_option_function<std::string>("--push-to", set_push_to,
                                       "With --push message, the registered name of that process "
                                       "(default portolan)")
      ->type_name("NAME")
      ->envname("PORTOLAN_PUSH_TO");
  app.add_flag("--mesh", serve.looks_at_mesh,
               "Ask the nodes registered here, with the cookie, which nodes they are connected to, "
               "for `portolan mesh` and /v1/mesh. --push connect does so anyway")
      ->envname("PORTOLAN_MESH");
  add_local_nodes(app, serve);
  add_cookie_file(app, serve.cookies.path);
}

/// Nothing: the text is no place to listen at.
std::optional<std::vector<net::ListenAddress>> http_addresses(const std::string& text) {
  const std::string any = text.starts_with("*:") ? text.substr(2) : text.substr(text.find(':') + 1);
  if (text.starts_with(':') || text.starts_with("*:")) {
    const auto port = base::parse_port_no(any);
    if (!port) return std::nullopt;
    // A host without IPv6 has half of it.
    return std::vector<net::ListenAddress>{{*net::Address::parse("0.0.0.0", *port), false},
                                           {*net::Address::parse("::", *port), true}};
  }
  const auto place = base::parse_host_port(text);
  if (!place || !place->port) return std::nullopt;
  const auto address =
      net::Address::parse(place->host == "localhost" ? "127.0.0.1" : place->host, *place->port);
  if (!address) return std::nullopt;
  return std::vector<net::ListenAddress>{{*address, false}};
}

void add_http_address(CLI::App& app, Serve& serve) {
  const auto set = [&serve](const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      const auto addresses = http_addresses(text);
      if (!addresses)
        refuse("--http", "'" + text +
                             "' is not ADDR:PORT; write 127.0.0.1:9370, [::1]:9370, or :9370 for "
                             "all addresses");
      serve.http.insert(serve.http.end(), addresses->begin(), addresses->end());
    }
  };
  add_list(app, "--http", "ADDR:PORT", set,
           "Serve health, metrics, JSON and a status page at this address, without a password; "
           ":9370 is port 9370 of all addresses")
      ->envname("PORTOLAN_HTTP");
}

void add_http(CLI::App& app, Serve& serve) {
  begin_group(app, "HTTP");
  add_http_address(app, serve);
  const auto set_hosts = [&serve](const std::vector<std::string>& texts) {
    for (const std::string& text : texts)
      if (!http::Hosts::is_pattern(text))
        refuse("--http-host",
               "'" + text + "' is no name; write NAME, *.DOMAIN, or * for any, without a port");
    serve.http_hosts = texts;
  };
  add_list(app, "--http-host", "NAME", set_hosts,
           "With --http, a name with dots under which clients reach the daemon, such as "
           "epmd.example.org, *.example.org, or * for any. Addresses, names without a dot and this "
           "host's name always work")
      ->envname("PORTOLAN_HTTP_HOST");
  add_count(app, "--ready-min", serve.ready_min,
            "With --http, be ready only while the nodes registered here are connected to this many "
            "members, or to all that are there. Implies --mesh")
      ->envname("PORTOLAN_READY_MIN");
  const auto set_drain = [&serve](const std::string& text) {
    serve.drain = duration_or_refuse("--drain", text, std::chrono::milliseconds(0));
  };
  app.add_option_function<std::string>("--drain", set_drain,
                                       "With --http, after SIGTERM say `not ready` for this long, "
                                       "then end; 0 ends at once (default 1s)")
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

std::vector<std::string> values_of(const CLI::Option& option) {
  const bool is_list = option.get_expected_max() > 1;
  return is_list ? list_items(option.results()) : option.results();
}

void check_files(const Told& told) {
  const Serve& serve = told.serve;
  NamedFiles files;
  for (const NamedFile& each : NamedFiles{{"--config", told.config, false},
                                          {"--cookie-file", serve.cookies.path, false},
                                          {"--hosts-file", serve.hosts_file},
                                          {"--nodes-file", serve.nodes_file},
                                          {"--log-file", serve.log.file}})
    if (!each.path.empty()) files.push_back(each);
  refuse_shared_files(files);
}

Serve finish(const CLI::App& app, Told& told) {
  for (const CLI::Option* const option : app.get_options())
    if (!option->results().empty()) told.serve.given[option->get_name()] = values_of(*option);
  told.serve.search = told.search.finish("--discover", told.serve.port);
  if (told.serve.ready_min > 0) told.serve.looks_at_mesh = true;
  if (told.connections_max > 0) told.serve.connections_max = told.connections_max;
  check_files(told);
  told.serve.cookies = where_the_cookie_is(told.serve.cookies.path);
  // As for the reference, that the variable is there is enough.
  const char* const relaxed = std::getenv("ERL_EPMD_RELAXED_COMMAND_CHECK");
  if (relaxed && !told.serve.given.contains("--relaxed-command-check")) {
    told.serve.relaxed_command_check = true;
    told.serve.given["--relaxed-command-check"] = {"true"};
  }
  return told.serve;
}

void add_configuration(CLI::App& app, Told& told) {
  begin_group(app, "Configuration");
  app.add_option("--config", told.config,
                 "Read options from this file too: lines of name = value. An option here and a "
                 "variable in the environment count more")
      ->type_name("FILE")
      ->envname("PORTOLAN_CONFIG");
  app.add_flag("--check-config", told.serve.is_check,
               "Start nothing: check the options, print those that are set, and exit. Status 1 or "
               "2 says that the daemon would not run");
}

void add_serve_options(CLI::App& app, Told& told) {
  add_epmd(app, told.serve, told.connections_max);
  begin_group(app, "Discovery");
  add_queries_to_discover(app, told.search,
                          "Find the nodes behind this host, network alias or SRV record: HOST, "
                          "HOST:PORT or srv:NAME; or those without an EPMD, behind "
                          "dist:HOST:PORT or srv-dist:NAME");
  add_search(app, told.search);
  add_outputs(app, told.serve);
  add_push(app, told.serve);
  add_http(app, told.serve);
  add_log(app, told.serve.log);
  app.add_option("--log-file", told.serve.log.file,
                 "Log to this file in place of standard error; SIGHUP opens it again")
      ->type_name("PATH")
      ->envname("PORTOLAN_LOG_FILE");
  add_configuration(app, told);
}

}  // namespace

void add_cookie_file(CLI::App& app, std::string& path) {
  app.add_option("--cookie-file", path,
                 "File with the nodes' cookie. It counts more than PORTOLAN_COOKIE, and that more "
                 "than RELEASE_COOKIE (default, without these: ~/.erlang.cookie)")
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
  app.footer(
      "Examples:\n"
      "  portolan serve\n"
      "  portolan serve --discover web --hosts-file /var/lib/erlang/.hosts.erlang\n"
      "  portolan serve --discover web --push connect --http 127.0.0.1:9370");
  app.callback([told, &app, &chosen] { chosen = finish(app, *told); });
}

/// What stands behind `--` is split off before CLI11 sees the rest.
void add_run(CLI::App& portolan, Command& chosen) {
  auto told = std::make_shared<Told>();
  auto run = std::make_shared<Run>();
  told->serve.print = Print::none;  // standard output is the command's
  CLI::App& app = *portolan.add_subcommand(
      "run", "Run the daemon with a command beside it: `run [OPTIONS] -- CMD [ARG...]`");
  add_serve_options(app, *told);
  add_command_options(app, *run);
  app.footer(
      "Examples:\n"
      "  portolan run -- erl -noinput -sname web\n"
      "  portolan run --discover web --push connect -- bin/my_release start");
  app.callback([told, run, &app, &chosen] {
    run->serve = finish(app, *told);
    chosen = *run;
  });
}

}  // namespace options
