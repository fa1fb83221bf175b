#include "service/mesh_gathering.h"

#include <utility>

#include "mesh/report.h"

namespace service {
namespace {

using Outcome = probe::MeshAnswer::Outcome;

const char* why_unknown(Outcome outcome) {
  switch (outcome) {
    case Outcome::told: return "its EPMD answers nonsense";
    case Outcome::not_told:
      return "its EPMD does not tell; it is no Portolan, or is to be given --mesh";
    case Outcome::no_answer: return "its EPMD does not answer";
    case Outcome::too_long: return "its EPMD answers without end";
  }
  return "";
}

/// What is said beside EPMD's questions is nothing to say to a node. One without an EPMD may have a
/// daemon all the same.
discovery::Endpoint daemon_of(const discovery::Sighting& seen) {
  if (seen.has_epmd()) return seen.epmd;
  return {seen.node.ip, discovery::epmd_port_no_default};
}

}  // namespace

mesh::Node to_node(const dist::NodeName& name, uint64_t flags, bool is_verified) {
  return {name, flags, is_verified, "it has not been asked yet"};
}

std::vector<mesh::Node> to_nodes(const discovery::Members& members) {
  std::vector<mesh::Node> nodes;
  nodes.reserve(members.size());
  for (const auto& [name, member] : members)
    nodes.push_back(to_node(member.seen.name, member.seen.flags, member.seen.is_verified));
  return nodes;
}

MeshGathering::MeshGathering(event::Loop& loop, const discovery::Members& members,
                             mesh::Matrix& matrix, std::function<void()> on_done, size_t at_once,
                             size_t bytes_max)
    : loop_(loop), matrix_(matrix), bytes_max_(bytes_max), tasks_(at_once, std::move(on_done)) {
  for (const auto& [name, member] : members) nodes_[daemon_of(member.seen)].insert(name);
  for (const auto& [epmd, nodes] : nodes_) ask(epmd);
}

void MeshGathering::ask(const discovery::Endpoint& epmd) {
  tasks_.add([this, epmd](std::function<void()> done) {
    return probe::ask_mesh(loop_, epmd, timeout, bytes_max_,
                           [this, epmd, done = std::move(done)](const probe::MeshAnswer& answer) {
                             take(epmd, answer);
                             done();
                           });
  });
}

void MeshGathering::take(const discovery::Endpoint& epmd, const probe::MeshAnswer& answer) {
  std::set<std::string> silent = nodes_.at(epmd);
  const auto report =
      answer.outcome == Outcome::told ? mesh::parse_report(answer.text) : std::nullopt;
  for (const mesh::NodeLinks& links : report.value_or(mesh::Report{}))
    if (silent.erase(links.node) > 0) matrix_.note(links);
  const char* const why = report ? "its daemon does not know it" : why_unknown(answer.outcome);
  for (const std::string& node : silent) matrix_.note({node, 0, why});
}

}  // namespace service
