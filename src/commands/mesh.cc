#include <algorithm>
#include <memory>
#include <utility>

#include "commands/commands.h"
#include "commands/search.h"
#include "logging/catch_up.h"
#include "logging/log.h"
#include "mesh/describe.h"
#include "mesh/picture.h"
#include "service/mesh_gathering.h"
#include "terminal/failure.h"
#include "terminal/print.h"

namespace commands {
namespace {

/// Asks the members' daemons after a round, and prints what comes of it: once, or whenever it has
/// changed.
class Looker final : public outputs::Output {
 public:
  Looker(event::Loop& loop, const options::Mesh& mesh, int& status)
      : loop_(loop), mesh_(mesh), status_(status) {}

  void tell(const discovery::Report& report) override {
    if (gathering_ || is_done_) return;
    sightings_ = report.sightings;
    matrix_.keep(service::to_nodes(report.members));
    gathering_ = std::make_unique<service::MeshGathering>(loop_, report.members, matrix_,
                                                          [this] { take_mesh(); });
    if (report.members.empty()) take_mesh();
  }

 private:
  void take_mesh() {
    const auto done = std::move(gathering_);  // it is calling this
    const mesh::Picture picture = mesh::picture_of(matrix_);
    is_done_ = !mesh_.is_watching;
    const std::string text = text_of(picture);
    const bool is_printed = text == printed_ || terminal::print(text);
    printed_ = text;
    status_ = terminal::finish("mesh", is_printed);
    if (is_done_) tell_failures(sightings_);
    if (picture.nodes.empty() && is_done_) status_ = fail_empty();
    if (!picture.is_whole() || is_any_query_failed()) status_ = 1;
    if (is_done_ || !is_printed) loop_.stop();
  }

  std::string text_of(const mesh::Picture& picture) const {
    if (mesh_.output == options::Output::json) return outputs::one_line(to_json(picture)) + '\n';
    return mesh::describe(picture) + (mesh_.shows_all ? mesh::to_text(matrix_) : "");
  }

  bool is_any_query_failed() const {
    return std::any_of(sightings_.queries.begin(), sightings_.queries.end(),
                       [](const auto& each) { return !each.second.is_answer(); });
  }

  int fail_empty() const {
    return terminal::fail("mesh", mesh_.output,
                          {"no node is there that could be connected to from here", "no_members"});
  }

  event::Loop& loop_;
  const options::Mesh& mesh_;
  int& status_;
  bool is_done_ = false;
  std::string printed_ = {};
  mesh::Matrix matrix_ = {};
  discovery::Sightings sightings_ = {};
  std::unique_ptr<service::MeshGathering> gathering_ = {};
};

}  // namespace

int mesh(const options::Mesh& mesh) {
  logging::set_up({mesh.log.level, mesh.log.format});
  for (const std::string& warning : mesh.warnings) logging::warn("option_in_vain", "{}", warning);
  event::Loop loop;
  const logging::CatchUp log_catch_up(loop);
  int status = 1;
  service::DiscoveryService::Outputs outputs;
  outputs.push_back(std::make_unique<Looker>(loop, mesh, status));
  const auto service = search(loop, mesh.search, std::move(outputs));
  if (!service)
    return terminal::fail("mesh", mesh.output, {service.error().message, "no_resolver"});
  RoundLimit limit(loop, **service);
  if (!mesh.is_watching) limit.start(mesh.timeout);
  const Interruption interruption(loop);
  loop.run();
  return interruption.status() != 0 ? interruption.status() : status;
}

}  // namespace commands
