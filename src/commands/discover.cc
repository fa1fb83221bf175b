#include <unistd.h>

#include <memory>
#include <utility>

#include "commands/commands.h"
#include "commands/search.h"
#include "logging/catch_up.h"
#include "logging/log.h"
#include "outputs/discovery_log.h"
#include "outputs/printer.h"
#include "terminal/ask.h"
#include "terminal/print.h"

namespace commands {
namespace {

/// Prints the members of the first round, and ends the loop.
class FirstRound final : public outputs::Output {
 public:
  FirstRound(event::Loop& loop, options::Output form, int& status)
      : loop_(loop), form_(form), status_(status) {}

  void tell(const discovery::Report& report) override {
    const bool is_printed = print_members(report.members, form_);
    tell_failures(report.sightings);
    status_ = 0;
    if (report.members.empty())
      status_ = terminal::fail("discover", "no node is there that could be connected to from here");
    else if (!is_printed)
      status_ = terminal::fail("discover", terminal::cannot_print);
    loop_.stop();
  }

 private:
  event::Loop& loop_;
  options::Output form_;
  int& status_;
};

int watch(event::Loop& loop, const options::Discover& discover) {
  using Form = outputs::Printer::Form;
  const logging::CatchUp log_catch_up(loop);
  const Form form = discover.output == options::Output::json ? Form::json : Form::text;
  service::DiscoveryService::Outputs outputs;
  outputs.push_back(std::make_unique<outputs::Printer>(form, STDOUT_FILENO));
  outputs.push_back(std::make_unique<outputs::DiscoveryLog>());
  auto service = search(loop, discover.search, std::move(outputs));
  if (!service) return terminal::fail("discover", service.error().message);
  const Interruption interruption(loop);
  loop.run();
  return 0;  // there is no other way to end it
}

int look_once(event::Loop& loop, const options::Discover& discover) {
  int status = 1;
  service::DiscoveryService::Outputs outputs;
  outputs.push_back(std::make_unique<FirstRound>(loop, discover.output, status));
  const auto service = search(loop, discover.search, std::move(outputs));
  if (!service) return terminal::fail("discover", service.error().message);
  const Interruption interruption(loop);
  loop.run();
  return interruption.status() != 0 ? interruption.status() : status;
}

}  // namespace

int discover(const options::Discover& discover) {
  logging::set_up({discover.log.level, discover.log.format});
  event::Loop loop;
  return discover.is_watching ? watch(loop, discover) : look_once(loop, discover);
}

}  // namespace commands
