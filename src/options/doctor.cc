#include <memory>
#include <optional>

#include "base/host_port.h"
#include "options/help.h"
#include "options/words.h"

namespace options {
namespace {

void add_dist_port(CLI::App& app, std::optional<uint16_t>& port_no, const std::string& help) {
  const auto set = [&port_no](const std::string& text) {
    port_no = base::parse_port_no(text);
    if (!port_no)
      refuse("--dist-port", "'" + text + "' is not a port; write a number from 1 to 65535");
  };
  app.add_option_function<std::string>("--dist-port", set, help)->type_name("PORT");
}

}  // namespace

void add_check(CLI::App& portolan, Command& chosen) {
  auto check = std::make_shared<Check>();
  CLI::App& app = *portolan.add_subcommand(
      "check", "Check the health of the local EPMD, and of a node that is registered there");
  const auto set_name = [check](const std::string& text) {
    if (text.substr(0, text.find('@')).empty() || text.ends_with('@'))
      refuse("NAME", "'" + text + "' is no name; write NAME or NAME@HOST");
    check->name = text;
  };
  app.add_option_function<std::string>(
         "name", set_name,
         "A node that has to be registered and answer; with @HOST it has to have exactly this name "
         "(default: check only the EPMD)")
      ->type_name("NAME[@HOST]");
  add_count(app, "--min", check->members_min,
            "Besides, to how many members the node has to be connected, or to all that are there; "
            "without NAME all nodes here");
  add_port(app, check->port, "Port of the local EPMD (default 4369)");
  add_dist_port(app, check->dist_port_no,
                "Check the node at this port, and no EPMD: for a node that runs without one");
  auto tls = std::make_shared<TlsTexts>();
  add_tls(app, *tls);
  add_asking(app, check->asking, "2s");
  add_duration(app, "--hold", check->hold,
               "For health checks: wait this long before, once the container has run for longer");
  app.footer(
      "Examples:\n"
      "  portolan check                status 0: the local EPMD answers\n"
      "  portolan check web            and its node web does too\n"
      "  portolan check web@host1      and the node has this full name");
  app.callback([check, tls, &chosen] {
    check->tls = tls->finish();
    chosen = *check;
  });
}

void add_doctor(CLI::App& portolan, Command& chosen) {
  struct Told {
    Doctor doctor = {};
    SearchTexts search = {};
    std::string cookie_file = {};
  };
  auto told = std::make_shared<Told>();
  CLI::App& app = *portolan.add_subcommand(
      "doctor",
      "Check each step of connecting to a node; say which step fails, why, and what to do");
  const auto set_node = [told](const std::string& text) {
    if (text.empty()) refuse("NODE", "it is empty; leave it out to check this host");
    told->doctor.node = text;
  };
  app.add_option_function<std::string>(
         "node", set_node, "The node's name, such as web@host1 (default: check this host)")
      ->type_name("NODE");
  app.add_flag("--migrate", told->doctor.is_migration,
               "Only say how to have Portolan in place of the EPMD that runs here");
  add_port(app, told->doctor.port, "EPMD's port, on this host and the other (default 4369)");
  add_dist_port(app, told->doctor.dist_port_no,
                "The node's own port: for a node that runs without an EPMD, which is not asked");
  begin_group(app, "Discovery");
  add_nameservers(app, told->search.search);
  add_peers(app, told->search.search.peers);
  add_tls(app, told->search.tls);
  add_cookie_file(app, told->cookie_file);
  add_queries_to_discover(app, told->search,
                          "Without NODE, also check this query, as `serve` has it");
  add_asking(app, told->doctor.asking);
  app.footer(
      "Examples:\n"
      "  portolan doctor web@host1\n"
      "  portolan doctor --discover web      without a node: this host, and the query web\n"
      "  portolan doctor --migrate           the commands that replace the epmd of this host");
  app.callback([told, &chosen] {
    if (told->doctor.is_migration && !told->doctor.node.empty())
      refuse("--migrate", "it is about this host; leave NODE out");
    const Search search = told->search.finish("--discover", told->doctor.port);
    told->doctor.queries = search.queries;
    told->doctor.nameservers = search.nameservers;
    told->doctor.peers = search.peers;
    told->doctor.tls = search.tls;
    told->doctor.cookies = where_the_cookie_is(told->cookie_file);
    told->doctor.is_cookie_named = !told->cookie_file.empty();
    chosen = told->doctor;
  });
}

}  // namespace options
