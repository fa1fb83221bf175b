#include <algorithm>
#include <memory>

#include "base/host_port.h"
#include "options/help.h"
#include "options/words.h"

namespace options {
namespace {

void add_port_of_epmds(CLI::App& app, uint16_t& port) {
  add_port(app, port, "EPMD's port at a HOST that is given without one (default 4369)");
}

void add_limit(CLI::App& app, std::optional<std::chrono::milliseconds>& timeout) {
  const auto set = [&timeout](const std::string& text) {
    timeout = duration_or_refuse("--timeout", text);
  };
  app.add_option_function<std::string>("--timeout", set,
                                       "Give up after this long, print what is known, and exit "
                                       "with status 1 (default: wait for every answer)")
      ->type_name("D");
}

void add_queries(CLI::App& app, SearchTexts& texts) {
  add_arguments(
      app, "query", "QUERY", texts.queries,
      "What to look behind: HOST (a host or network alias), HOST:PORT (EPMD on another port "
      "there), srv:NAME (an SRV record), or for nodes without an EPMD dist:HOST:PORT or "
      "srv-dist:NAME")
      ->required();
}

/// As the resolver takes it: an IPv6 address in brackets only before a port.
std::string nameserver_of(const std::string& text) {
  const auto server = base::parse_host_port(text);
  if (!server || !net::Address::parse(server->host, 0))
    refuse("--nameservers", "'" + text +
                                "' is not a nameserver; write addresses, such as 192.0.2.53 or "
                                "192.0.2.53:5353, separated by commas");
  return server->port ? text : server->host;
}

/// The resolver would say only that something is wrong.
std::string joined_nameservers(const std::vector<std::string>& servers) {
  std::string list;
  for (const std::string& server : servers)
    list += (list.empty() ? "" : ",") + nameserver_of(server);
  return list;
}

/// Commands that print a result are silent unless something is wrong.
Log quiet() {
  Log log;
  log.level = "warning";
  return log;
}

}  // namespace

Search SearchTexts::finish(const std::string& name, uint16_t port_default) {
  for (const std::string& text : queries) {
    const base::Result<discovery::Query> query = discovery::parse_query(text, port_default);
    if (!query) refuse(name, query.error().message);
    search.queries.push_back(*query);
  }
  search.tls = tls.finish();
  search.filter.wanted = wanted;
  if (!ignored.empty()) search.filter.ignored = ignored;
  return search;
}

void add_search(CLI::App& app, SearchTexts& texts) {
  add_duration(app, "--interval", texts.search.interval,
               "Time between two rounds; the first rounds come faster (default 5s)")
      ->envname("PORTOLAN_INTERVAL");
  add_list(
      app, "--nodes", "GLOB", [&texts](const auto& globs) { texts.wanted = globs; },
      "Only nodes whose name before the @ matches, such as web-* (default: all)")
      ->envname("PORTOLAN_NODES");
  add_list(
      app, "--ignore", "GLOB", [&texts](const auto& globs) { texts.ignored = globs; },
      "Not the nodes whose name before the @ matches (default: rabbitmqcli-*, "
      "rabbit_prelaunch_*, epmd-starter-*, rem-*, rpc-*-*, remsh*, *_maint_*)")
      ->envname("PORTOLAN_IGNORE");
  add_nameservers(app, texts.search);
  add_peers(app, texts.search.peers);
  add_tls(app, texts.tls);
}

void add_peers(CLI::App& app, std::vector<net::Network>& peers) {
  add_networks(app, "--peers", peers,
               "Networks in which members can be, such as 10.1.0.0/16; other addresses are not "
               "asked (default: all networks)")
      ->envname("PORTOLAN_PEERS");
}

void add_nameservers(CLI::App& app, Search& search) {
  add_list(
      app, "--nameservers", "LIST",
      [&search](const auto& servers) { search.nameservers = joined_nameservers(servers); },
      "DNS servers to ask, such as 192.0.2.53,192.0.2.54:5353 (default: the system's)")
      ->envname("PORTOLAN_NAMESERVERS");
}

void add_queries_to_discover(CLI::App& app, SearchTexts& texts, const std::string& help) {
  add_list(
      app, "--discover", "QUERY", [&texts](const auto& queries) { texts.queries = queries; }, help)
      ->envname("PORTOLAN_DISCOVER");
}

void add_discover(CLI::App& portolan, Command& chosen) {
  struct Told {
    Discover discover = {};
    SearchTexts search = {};
    uint16_t port = epmd_port_no_default;
  };
  auto told = std::make_shared<Told>();
  told->discover.log = quiet();
  CLI::App& app = *portolan.add_subcommand(
      "discover",
      "Print the nodes behind a host, network alias or SRV record, by their real names");
  add_queries(app, told->search);
  add_port_of_epmds(app, told->port);
  begin_group(app, "Discovery");
  add_search(app, told->search);
  begin_group(app, "Output and time");
  add_json(app, [told] { told->discover.output = Output::json; });
  app.add_flag("--watch", told->discover.is_watching,
               "Continue, and print a line for each node that joins or leaves");
  add_limit(app, told->discover.timeout);
  add_log(app, told->discover.log);
  app.footer(
      "Examples:\n"
      "  portolan discover web\n"
      "  portolan discover --timeout 2s --json web srv:_epmd._tcp.db\n"
      "  portolan discover --watch tasks.web");
  app.callback([told, &chosen] {
    told->discover.search = told->search.finish("QUERY", told->port);
    chosen = told->discover;
  });
}

void add_mesh(CLI::App& portolan, Command& chosen) {
  struct Told {
    Mesh mesh = {};
    SearchTexts search = {};
    uint16_t port = epmd_port_no_default;
  };
  auto told = std::make_shared<Told>();
  told->mesh.log = quiet();
  CLI::App& app = *portolan.add_subcommand(
      "mesh",
      "Print which of the nodes behind a host, network alias or SRV record are connected to each "
      "other, and which are not");
  add_queries(app, told->search);
  add_port_of_epmds(app, told->port);
  begin_group(app, "Discovery");
  add_search(app, told->search);
  begin_group(app, "Output and time");
  add_json(app, [told] { told->mesh.output = Output::json; });
  app.add_flag("--all", told->mesh.shows_all, "Print the matrix of all nodes too");
  app.add_flag("--watch", told->mesh.is_watching, "Continue, and print whenever it has changed");
  add_duration(
      app, "--timeout", told->mesh.timeout,
      "End the search for nodes after this long (default 10s); then each daemon has 2 s to "
      "answer");
  add_log(app, told->mesh.log);
  app.footer(
      "Examples:\n"
      "  portolan mesh web\n"
      "  portolan mesh --watch --interval 1s web");
  app.callback([told, &chosen] {
    told->mesh.search = told->search.finish("QUERY", told->port);
    chosen = told->mesh;
  });
}

void add_wait(CLI::App& portolan, Command& chosen) {
  struct Told {
    Wait wait = {};
    SearchTexts search = {};
    uint16_t port = epmd_port_no_default;
  };
  auto told = std::make_shared<Told>();
  told->wait.log = quiet();
  CLI::App& app = *portolan.add_subcommand(
      "wait",
      "Wait until enough nodes are behind a host, network alias or SRV record, and print "
      "them");
  add_queries(app, told->search);
  add_port_of_epmds(app, told->port);
  add_count(app, "--min", told->wait.nodes_min,
            "How many nodes have to be there and answer with their name (default 1)");
  app.add_flag("--connected", told->wait.are_to_be_connected,
               "Wait until all that are there are connected to each other too. Their daemons are "
               "asked, as `portolan mesh` does");
  begin_group(app, "Discovery");
  add_search(app, told->search);
  begin_group(app, "Output and time");
  add_json(app, [told] { told->wait.output = Output::json; });
  add_duration(app, "--timeout", told->wait.timeout,
               "Give up after this long, with status 1 (default 60s)");
  add_log(app, told->wait.log);
  app.footer(
      "Examples:\n"
      "  portolan wait web\n"
      "  portolan wait --min 3 --timeout 2m web");
  app.callback([told, &chosen] {
    told->wait.search = told->search.finish("QUERY", told->port);
    chosen = told->wait;
  });
}

}  // namespace options
