#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "commands/commands.h"
#include "commands/search.h"
#include "event/timer.h"
#include "mesh/describe.h"
#include "service/mesh_gathering.h"
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

/// What is known, until enough are there or the time is up.
struct Progress {
  bool is_enough = false;
  bool is_time_up = false;
  /// A round is over.
  bool is_known = false;
  size_t verified = 0;
  discovery::Members members = {};
  discovery::Sightings sightings = {};
  /// Who is connected to whom, if that matters.
  mesh::Picture picture = {};
};

/// Ends the loop when enough are there, or when the time is up.
class Counter final : public outputs::Output {
 public:
  Counter(event::Loop& loop, const options::Wait& wait, Progress& progress)
      : loop_(loop), wait_(wait), progress_(progress) {}

  void tell(const discovery::Report& report) override {
    progress_.verified = count_verified(report.members);
    progress_.members = report.members;
    progress_.sightings = report.sightings;
    progress_.is_known = true;
    const bool are_there = progress_.verified >= wait_.nodes_min;
    progress_.is_enough = are_there && !wait_.are_to_be_connected;
    if (progress_.is_enough || progress_.is_time_up) return loop_.stop();
    if (are_there && !gathering_) look_at_mesh(report.members);
  }

 private:
  void look_at_mesh(const discovery::Members& members) {
    matrix_.keep(service::to_nodes(members));
    gathering_ = std::make_unique<service::MeshGathering>(loop_, members, matrix_, [this] {
      const auto done = std::move(gathering_);  // it is calling this
      progress_.picture = mesh::picture_of(matrix_);
      progress_.is_enough = progress_.picture.is_whole();
      if (progress_.is_enough) loop_.stop();
    });
  }

  event::Loop& loop_;
  const options::Wait& wait_;
  Progress& progress_;
  mesh::Matrix matrix_ = {};
  std::unique_ptr<service::MeshGathering> gathering_ = {};
};

std::string describe_late(const options::Wait& wait, const Progress& progress) {
  if (progress.verified >= wait.nodes_min)
    return fmt::format("after {} ms not all are connected: {}", wait.timeout.count(),
                       mesh::summary_of(progress.picture));
  return fmt::format("after {} ms there are {} verified nodes, not {}", wait.timeout.count(),
                     progress.verified, wait.nodes_min);
}

int fail_late(const options::Wait& wait, const Progress& progress) {
  const std::vector<std::string>& unanswered = progress.sightings.unanswered;
  outputs::Json about = outputs::Json::object();
  if (!unanswered.empty()) about["unanswered"] = unanswered;
  return terminal::fail(
      "wait", wait.output,
      {describe_late(wait, progress) +
           (unanswered.empty() ? "" : ", and no answer from " + list_of(unanswered)),
       "timeout"},
      about);
}

}  // namespace

int wait(const options::Wait& wait) {
  logging::set_up({wait.log.level, wait.log.format});
  event::Loop loop;
  Progress progress;
  service::DiscoveryService::Outputs outputs;
  outputs.push_back(std::make_unique<Counter>(loop, wait, progress));
  const auto service = search(loop, wait.search, std::move(outputs));
  if (!service)
    return terminal::fail("wait", wait.output, {service.error().message, "no_resolver"});
  RoundLimit limit(loop, **service);
  event::Timer timeout(loop);
  timeout.start(wait.timeout, [&] {
    progress.is_time_up = true;
    if (progress.is_known) return loop.stop();
    limit.end_round();  // the first: what it has found so far is told
  });
  const Interruption interruption(loop);
  loop.run();
  if (interruption.status() != 0) return interruption.status();
  const bool is_printed = print_members(progress.members, wait.output);
  if (progress.is_enough) return terminal::finish("wait", is_printed);
  tell_failures(progress.sightings, wait.nodes_min);
  return fail_late(wait, progress);
}

}  // namespace commands
