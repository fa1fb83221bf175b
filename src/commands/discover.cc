#include <unistd.h>

#include <memory>
#include <utility>

#include "terminal/ask.h"
#include "commands/commands.h"
#include "terminal/print.h"
#include "commands/search.h"
#include "logging/catch_up.h"
#include "logging/log.h"
#include "outputs/discovery_log.h"
#include "outputs/printer.h"

namespace commands {
namespace {

/// Prints the members of the first round, and ends the loop.
class FirstRound final : public output::Output {
 public:
  FirstRound(net::Loop& loop, options::Output form, int& status)
      : loop_(loop), form_(form), status_(status) {}

  void tell(const discovery::Report& report) override {
    const bool is_printed = print_members(report.members, form_);
    tell_failures(report.sightings);
    status_ = 0;
    if (report.members.empty())
      status_ = fail("discover", "no node is there that could be connected to from here");
    else if (!is_printed)
      status_ = fail("discover", cannot_print);
    loop_.stop();
  }

 private:
  net::Loop& loop_;
  options::Output form_;
  int& status_;
};

int watch(net::Loop& loop, const options::Discover& discover) {
  using Form = output::Printer::Form;
  const logging::CatchUp log_catch_up(loop);
  const Form form = discover.output == options::Output::json ? Form::json : Form::text;
  Lookout::Outputs outputs;
  outputs.push_back(std::make_unique<output::Printer>(form, STDOUT_FILENO));
  outputs.push_back(std::make_unique<output::DiscoveryLog>());
  auto lookout = search(loop, discover.search, std::move(outputs));
  if (!lookout) return fail("discover", lookout.error().message);
  const Interruption interruption(loop);
  loop.run();
  return 0;  // there is no other way to end it
}

int look_once(net::Loop& loop, const options::Discover& discover) {
  int status = 1;
  Lookout::Outputs outputs;
  outputs.push_back(std::make_unique<FirstRound>(loop, discover.output, status));
  const auto lookout = search(loop, discover.search, std::move(outputs));
  if (!lookout) return fail("discover", lookout.error().message);
  const Interruption interruption(loop);
  loop.run();
  return interruption.status() != 0 ? interruption.status() : status;
}

}  // namespace

int discover(const options::Discover& discover) {
  logging::set_up({discover.log.level, discover.log.format});
  net::Loop loop;
  return discover.is_watching ? watch(loop, discover) : look_once(loop, discover);
}

}  // namespace commands
