#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "commands/commands.h"
#include "commands/search.h"
#include "event/timer.h"
#include "terminal/ask.h"
#include "terminal/failure.h"
#include "terminal/print.h"

namespace commands {
namespace {

size_t count_verified(const discovery::Members& members) {
  return static_cast<size_t>(std::count_if(members.begin(), members.end(), [](const auto& each) {
    return each.second.seen.is_verified;
  }));
}

/// Ends the loop when enough are there, or when the time is up; until then it remembers how far it
/// got.
class Counter final : public outputs::Output {
 public:
  struct Result {
    bool is_enough = false;
    bool is_time_up = false;
    /// A round is over.
    bool is_known = false;
    size_t verified = 0;
    discovery::Members members = {};
    discovery::Sightings sightings = {};
  };

  Counter(event::Loop& loop, size_t nodes_min, Result& result)
      : loop_(loop), nodes_min_(nodes_min), result_(result) {}

  void tell(const discovery::Report& report) override {
    result_.verified = count_verified(report.members);
    result_.members = report.members;
    result_.sightings = report.sightings;
    result_.is_enough = result_.verified >= nodes_min_;
    result_.is_known = true;
    if (result_.is_enough || result_.is_time_up) loop_.stop();
  }

 private:
  event::Loop& loop_;
  size_t nodes_min_;
  Result& result_;
};

int fail_late(const options::Wait& wait, const Counter::Result& result) {
  const std::vector<std::string>& unanswered = result.sightings.unanswered;
  outputs::Json about = outputs::Json::object();
  if (!unanswered.empty()) about["unanswered"] = unanswered;
  return terminal::fail(
      "wait", wait.output,
      {fmt::format("after {} ms there are {} verified nodes, not {}{}", wait.timeout.count(),
                   result.verified, wait.nodes_min,
                   unanswered.empty() ? "" : ", and no answer from " + list_of(unanswered)),
       "timeout"},
      about);
}

}  // namespace

int wait(const options::Wait& wait) {
  logging::set_up({wait.log.level, wait.log.format});
  event::Loop loop;
  Counter::Result result;
  service::DiscoveryService::Outputs outputs;
  outputs.push_back(std::make_unique<Counter>(loop, wait.nodes_min, result));
  const auto service = search(loop, wait.search, std::move(outputs));
  if (!service)
    return terminal::fail("wait", wait.output, {service.error().message, "no_resolver"});
  RoundLimit limit(loop, **service);
  event::Timer timeout(loop);
  timeout.start(wait.timeout, [&] {
    result.is_time_up = true;
    if (result.is_known) return loop.stop();
    limit.end_round();  // the first: what it has found so far is told
  });
  const Interruption interruption(loop);
  loop.run();
  if (interruption.status() != 0) return interruption.status();
  const bool is_printed = print_members(result.members, wait.output);
  if (result.is_enough) return terminal::finish("wait", is_printed);
  tell_failures(result.sightings);
  return fail_late(wait, result);
}

}  // namespace commands
