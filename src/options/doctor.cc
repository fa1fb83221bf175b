#include <memory>

#include "options/words.h"

namespace options {

void add_check(CLI::App& portolan, Command& chosen) {
  auto check = std::make_shared<Check>();
  CLI::App& app = *portolan.add_subcommand(
      "check", "Whether the local EPMD answers, and a node that is registered there shakes hands");
  const auto set_name = [check](const std::string& text) {
    if (text.substr(0, text.find('@')).empty() || text.ends_with('@'))
      refuse("NAME", "'" + text + "' is no name; write NAME or NAME@HOST");
    check->name = text;
  };
  app.add_option_function<std::string>(
         "name", set_name, "The node; with @HOST it must call itself so (default: the EPMD alone)")
      ->type_name("NAME[@HOST]");
  add_port(app, check->port, "Port of the local EPMD (default 4369)");
  add_asking(app, check->asking, "2s");
  add_duration(app, "--hold", check->hold,
               "For health checks: wait this long before, once the container has run for longer");
  app.callback([check, &chosen] { chosen = *check; });
}

void add_doctor(CLI::App& portolan, Command& chosen) {
  struct Told {
    Doctor doctor = {};
    SearchTexts search = {};
    std::string cookie_file = {};
  };
  auto told = std::make_shared<Told>();
  CLI::App& app = *portolan.add_subcommand(
      "doctor", "Walk the way to a node, and say where it is broken, why, and what to do");
  app.add_option("node", told->doctor.node, "The node's name (default: look at this host)")
      ->type_name("NODE");
  add_port(app, told->doctor.port, "Port of the EPMDs, here and there (default 4369)");
  add_nameservers(app, told->search.search);
  add_peers(app, told->search.search.peers);
  add_cookie_file(app, told->cookie_file);
  add_queries_to_discover(app, told->search,
                          "Without NODE, try these HOST, HOST:PORT or srv:NAME too; may repeat");
  add_asking(app, told->doctor.asking);
  app.callback([told, &chosen] {
    const Search search = told->search.finish("--discover", told->doctor.port);
    told->doctor.queries = search.queries;
    told->doctor.nameservers = search.nameservers;
    told->doctor.peers = search.peers;
    told->doctor.cookies = where_the_cookie_is(told->cookie_file);
    told->doctor.is_cookie_named = !told->cookie_file.empty();
    chosen = told->doctor;
  });
}

}  // namespace options
