// Whatever stands on the command line, it is a command or the end; nothing is thrown.

#include "options/options.h"

#include <iostream>
#include <sstream>

#include "fuzz/demand.h"
#include "fuzz/lines.h"

namespace {

struct Silence {
  Silence() : output(std::cout.rdbuf(text.rdbuf())), errors(std::cerr.rdbuf(text.rdbuf())) {}
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  ~Silence() {
    std::cout.rdbuf(output);
    std::cerr.rdbuf(errors);
  }
  std::ostringstream text = {};
  std::streambuf* output;
  std::streambuf* errors;
};

/// What every command line that is understood holds.
struct Check {
  void operator()(const options::Exit& exit) const { DEMAND(exit.status == 0 || exit.status == 2); }
  void operator()(const options::Serve& serve) const {
    DEMAND(serve.port != 0);
    DEMAND(serve.packet_timeout.count() > 0);
    DEMAND(serve.connections_max != size_t{0});
    DEMAND(!serve.push_to.empty());
    check_search(serve.search);
  }
  void operator()(const options::Run& run) const {
    DEMAND(!run.words.empty());
    (*this)(run.serve);
  }
  void operator()(const options::Discover& discover) const {
    check_search(discover.search);
    DEMAND(!discover.timeout || discover.timeout->count() > 0);
  }
  void operator()(const options::Wait& wait) const {
    check_search(wait.search);
    DEMAND(wait.nodes_min > 0);
    DEMAND(wait.timeout.count() > 0);
  }
  void operator()(const options::Mesh& mesh) const {
    check_search(mesh.search);
    DEMAND(mesh.timeout.count() > 0);
  }
  void operator()(const options::Names& names) const {
    DEMAND(!names.endpoints.empty());
    for (const options::Endpoint& endpoint : names.endpoints) check_endpoint(endpoint);
    DEMAND(names.asking.timeout.count() > 0);
  }
  void operator()(const options::Lookup& lookup) const {
    check_endpoint(lookup.endpoint);
    DEMAND(lookup.alive_name.find('@') == std::string::npos);
  }
  void operator()(const options::Check& check) const {
    DEMAND(check.port != 0);
    DEMAND(check.name.empty() || check.name.find('@') != 0);
    DEMAND(check.asking.timeout.count() > 0);
  }
  void operator()(const options::Doctor& doctor) const {
    DEMAND(doctor.port != 0);
    DEMAND(!doctor.is_migration || doctor.node.empty());
    DEMAND(doctor.asking.timeout.count() > 0);
    DEMAND(doctor.cookies.variable.empty() != doctor.cookies.path.empty());
    check_search({.queries = doctor.queries});
  }
  void operator()(const options::Stop& stop) const { DEMAND(stop.port != 0); }
  void operator()(const options::Kill& kill) const { DEMAND(kill.port != 0); }
  void operator()(const options::Takeover& takeover) const {
    DEMAND(takeover.process >= 0);
    DEMAND(takeover.port > 0);
  }
  void operator()(const options::Upgrade& upgrade) const {
    DEMAND(upgrade.process >= 0);
    DEMAND(upgrade.asking.timeout.count() > 0);
  }
  void operator()(const options::Completion& completion) const {
    DEMAND(completion.script.find("portolan") != std::string::npos);
  }
  void operator()(const options::Version& /*version*/) const {}

  static void check_search(const options::Search& search) {
    DEMAND(search.interval.count() > 0);
    for (const discovery::Query& query : search.queries) {
      DEMAND(!query.name.empty());
      DEMAND(query.port_no != 0);
    }
  }
  static void check_endpoint(const options::Endpoint& endpoint) {
    DEMAND(!endpoint.host.empty());
    DEMAND(endpoint.port != 0);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Silence silence;
  const std::vector<std::string> words = lines_of(data, size);
  std::visit(Check{}, options::parse(words));
  for (const std::string& word : words) {
    if (const auto endpoint = options::parse_endpoint(word, 4369)) Check::check_endpoint(*endpoint);
    if (const auto duration = options::parse_duration(word)) DEMAND(duration->count() >= 0);
  }
  return 0;
}
