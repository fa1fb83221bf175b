#include <fmt/core.h>
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
#include "terminal/failure.h"
#include "terminal/print.h"

namespace commands {
namespace {

/// Prints the members of the first round, and ends the loop.
class FirstRound final : public outputs::Output {
 public:
  FirstRound(event::Loop& loop, const options::Discover& discover, int& status)
      : loop_(loop), discover_(discover), status_(status) {}

  void tell(const discovery::Report& report) override {
    const bool is_printed = print_members(report.members, discover_.output);
    tell_failures(report.sightings);
    status_ = terminal::finish("discover", is_printed);
    if (!report.sightings.unanswered.empty())
      status_ = fail_unanswered(report.sightings.unanswered);
    else if (report.members.empty())
      status_ =
          terminal::fail("discover", discover_.output,
                         {"no node is there that could be connected to from here", "no_members"});
    loop_.stop();
  }

 private:
  int fail_unanswered(const std::vector<std::string>& unanswered) const {
    const auto limit = discover_.timeout.value_or(std::chrono::milliseconds::zero());
    return terminal::fail(
        "discover", discover_.output,
        {fmt::format("after {} ms there was no answer from {}", limit.count(), list_of(unanswered)),
         "timeout"},
        {{"unanswered", unanswered}});
  }

  event::Loop& loop_;
  const options::Discover& discover_;
  int& status_;
};

int fail_without_resolver(const options::Discover& discover, const base::Error& error) {
  return terminal::fail("discover", discover.output, {error.message, "no_resolver"});
}

int watch(event::Loop& loop, const options::Discover& discover) {
  using Form = outputs::Printer::Form;
  const logging::CatchUp log_catch_up(loop);
  const Form form = discover.output == options::Output::json ? Form::json : Form::text;
  service::DiscoveryService::Outputs outputs;
  outputs.push_back(std::make_unique<outputs::Printer>(form, STDOUT_FILENO));
  outputs.push_back(std::make_unique<outputs::DiscoveryLog>());
  auto service = search(loop, discover.search, std::move(outputs));
  if (!service) return fail_without_resolver(discover, service.error());
  const Interruption interruption(loop);
  loop.run();
  return 0;  // there is no other way to end it
}

int look_once(event::Loop& loop, const options::Discover& discover) {
  int status = 1;
  service::DiscoveryService::Outputs outputs;
  outputs.push_back(std::make_unique<FirstRound>(loop, discover, status));
  const auto service = search(loop, discover.search, std::move(outputs));
  if (!service) return fail_without_resolver(discover, service.error());
  RoundLimit limit(loop, **service);
  if (discover.timeout) limit.start(*discover.timeout);
  const Interruption interruption(loop);
  loop.run();
  return interruption.status() != 0 ? interruption.status() : status;
}

}  // namespace

int discover(const options::Discover& discover) {
  logging::set_up({discover.log.level, discover.log.format});
  for (const std::string& warning : discover.warnings)
    logging::warn("option_in_vain", "{}", warning);
  event::Loop loop;
  return discover.is_watching ? watch(loop, discover) : look_once(loop, discover);
}

}  // namespace commands
