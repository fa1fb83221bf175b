#include "commands/commands.h"

#include <variant>

namespace commands {

int run(const options::Command& command) {
  struct Runner {
    int operator()(const options::Exit& exit) const { return exit.status; }
    int operator()(const options::Serve& serve) const {
      return serve.is_check ? check_config(serve, "serve") : commands::serve(serve);
    }
    int operator()(const options::Run& run) const {
      return run.serve.is_check ? check_config(run.serve, "run", run.words) : commands::run(run);
    }
    int operator()(const options::Discover& discover) const { return commands::discover(discover); }
    int operator()(const options::Wait& wait) const { return commands::wait(wait); }
    int operator()(const options::Mesh& mesh) const { return commands::mesh(mesh); }
    int operator()(const options::Names& names) const { return commands::names(names); }
    int operator()(const options::Lookup& lookup) const { return commands::lookup(lookup); }
    int operator()(const options::Check& check) const { return commands::check(check); }
    int operator()(const options::Doctor& doctor) const {
      return doctor.is_migration ? commands::migrate(doctor) : commands::doctor(doctor);
    }
    int operator()(const options::Stop& stop) const { return commands::stop(stop); }
    int operator()(const options::Kill& kill) const { return commands::kill(kill); }
    int operator()(const options::Upgrade& upgrade) const { return commands::upgrade(upgrade); }
    int operator()(const options::Takeover& takeover) const { return commands::takeover(takeover); }
    int operator()(const options::Version& version) const { return commands::version(version); }
    int operator()(const options::Completion& completion) const {
      return commands::completion(completion);
    }
  };
  return std::visit(Runner{}, command);
}

}  // namespace commands
