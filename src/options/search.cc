#include <algorithm>
#include <memory>

#include "base/host_port.h"
#include "options/words.h"

namespace options {
namespace {

void add_port_of_epmds(CLI::App& app, uint16_t& port) {
  add_port(app, port, "Port of the EPMDs behind a HOST that is given without one (default 4369)");
}

void add_json(CLI::App& app, Output& output) {
  app.add_flag_callback(
      "--json", [&output] { output = Output::json; },
      "Print the result as JSON, one object a line");
}

void add_queries(CLI::App& app, SearchTexts& texts) {
  app.add_option("query", texts.queries, "HOST, HOST:PORT or srv:NAME")
      ->type_name("QUERY")
      ->required();
}

/// The resolver would say only that something is wrong.
void check_nameservers(const std::string& list) {
  for (size_t begin = 0; !list.empty() && begin <= list.size();) {
    const size_t end = std::min(list.find(',', begin), list.size());
    const std::string text = list.substr(begin, end - begin);
    const auto server = base::parse_host_port(text);
    if (!server || !net::Address::parse(server->host, 0))
      refuse("--nameservers", "'" + text +
                                  "' is not a nameserver; write addresses, such as "
                                  "192.0.2.53 or 192.0.2.53:5353, separated by commas");
    begin = end + 1;
  }
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
  check_nameservers(search.nameservers);
  search.filter.wanted = wanted;
  if (!ignored.empty()) search.filter.ignored = ignored;
  return search;
}

void add_search(CLI::App& app, SearchTexts& texts) {
  add_duration(app, "--interval", texts.search.interval, "Between two rounds (default 5s)")
      ->envname("PORTOLAN_INTERVAL");
  app.add_option("--nodes", texts.wanted,
                 "Count only nodes whose name, before the @, is like this; may repeat")
      ->type_name("GLOB")
      ->delimiter(',')
      ->envname("PORTOLAN_NODES");
  app.add_option("--ignore", texts.ignored,
                 "Do not count nodes whose name, before the @, is like this; may repeat "
                 "(default: rabbitmqcli-*, rabbit_prelaunch_*, epmd-starter-*, rem-*, rpc-*-*, "
                 "remsh*, *_maint_*)")
      ->type_name("GLOB")
      ->delimiter(',')
      ->envname("PORTOLAN_IGNORE");
  add_nameservers(app, texts.search);
  add_peers(app, texts.search.peers);
}

void add_peers(CLI::App& app, std::vector<net::Network>& peers) {
  add_networks(app, "--peers", peers,
               "Where members can be, such as 10.1.0.0/16; nothing is asked of other addresses "
               "(default: anywhere)")
      ->envname("PORTOLAN_PEERS");
}

void add_nameservers(CLI::App& app, Search& search) {
  app.add_option("--nameservers", search.nameservers,
                 "Whom to ask instead of the system's, such as 192.0.2.53:53,192.0.2.54")
      ->type_name("LIST")
      ->envname("PORTOLAN_NAMESERVERS");
}

void add_queries_to_discover(CLI::App& app, SearchTexts& texts, const std::string& help) {
  app.add_option("--discover", texts.queries, help)
      ->type_name("QUERY")
      ->delimiter(',')
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
      "discover", "Print the nodes that are behind a network alias, by their true names");
  add_queries(app, told->search);
  add_port_of_epmds(app, told->port);
  add_search(app, told->search);
  add_json(app, told->discover.output);
  app.add_flag("--watch", told->discover.is_watching, "Go on, and print who joins and leaves");
  add_log(app, told->discover.log);
  app.callback([told, &chosen] {
    told->discover.search = told->search.finish("QUERY", told->port);
    chosen = told->discover;
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
      "wait", "Wait until so many nodes are behind a network alias, then print them");
  add_queries(app, told->search);
  add_port_of_epmds(app, told->port);
  add_count(app, "--min", told->wait.nodes_min, "How many verified nodes (default 1)");
  add_duration(app, "--timeout", told->wait.timeout, "Give up after this long (default 60s)");
  add_search(app, told->search);
  add_json(app, told->wait.output);
  add_log(app, told->wait.log);
  app.callback([told, &chosen] {
    told->wait.search = told->search.finish("QUERY", told->port);
    chosen = told->wait;
  });
}

}  // namespace options
