#include "page/connections.h"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>

#include "mesh/describe.h"
#include "page/html.h"

namespace page {
namespace {

using Index = mesh::Picture::Index;

constexpr size_t told_names_max = 3;
constexpr size_t told_groups_max = 4;

std::string name_of(const mesh::Picture& mesh, Index node) {
  return mesh.nodes[node].name.to_string();
}

/// The first of them, and how many more there are.
std::string list_of(const mesh::Picture& mesh, const std::vector<Index>& nodes) {
  std::string list;
  for (size_t i = 0; i < std::min(nodes.size(), told_names_max); ++i)
    list += (i == 0 ? "" : ", ") + name_of(mesh, nodes[i]);
  if (nodes.size() > told_names_max)
    list += fmt::format(" and {} more", nodes.size() - told_names_max);
  return list;
}

/// Of each node its place among all, those that lack most first.
std::vector<Index> ranks_of(const mesh::Picture& mesh) {
  std::vector<Index> order(mesh.nodes.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&mesh](Index one, Index other) {
    return mesh.degrees[one].missing > mesh.degrees[other].missing;
  });
  std::vector<Index> ranks(order.size());
  for (Index i = 0; i < order.size(); ++i) ranks[order[i]] = i;
  return ranks;
}

std::string rows_of(const std::vector<Flaw>& flaws, const char* mood) {
  std::string rows;
  for (size_t i = 0; i < std::min(flaws.size(), rows_max); ++i)
    rows += fmt::format("<tr data-key=\"{0} {2}\"><td>{0}</td><td class=\"{1}\">{2}</td></tr>",
                        escape_html(flaws[i].node), mood, escape_html(flaws[i].what));
  return rows;
}

std::string if_none(const mesh::Picture& mesh) {
  if (mesh.nodes.empty())
    return "Not known. <code>--mesh</code> or <code>--push connect</code> asks the nodes.";
  return escape_html(mesh::summary_of(mesh)) + ".";
}

}  // namespace

std::vector<Flaw> splits_of(const mesh::Picture& mesh) {
  if (!mesh.is_split()) return {};
  std::string what;
  for (size_t i = 0; i < std::min(mesh.groups.size(), told_groups_max); ++i) {
    const auto& group = mesh.groups[i];
    const std::string size =
        group.size() == 1 ? "alone" : fmt::format("a group of {}", group.size());
    what += fmt::format("{}{}: {}", i == 0 ? "" : "; ", size, list_of(mesh, group));
  }
  if (mesh.groups.size() > told_groups_max)
    what += fmt::format("; and {}", counted(mesh.groups.size() - told_groups_max, "smaller group"));
  return {{fmt::format("split into {} groups", mesh.groups.size()), what}};
}

std::vector<Flaw> missing_of(const mesh::Picture& mesh) {
  const std::vector<Index> ranks = ranks_of(mesh);
  std::vector<std::vector<Index>> lacking(ranks.size());  // by rank
  for (const auto& [one, other] : mesh.missing.first) {
    const bool is_first = ranks[one] < ranks[other];
    lacking[ranks[is_first ? one : other]].push_back(is_first ? other : one);
  }
  std::vector<Flaw> flaws(ranks.size());
  for (Index node = 0; node < ranks.size(); ++node) {
    const auto& others = lacking[ranks[node]];
    if (others.empty()) continue;
    flaws[ranks[node]] = {
        name_of(mesh, node),
        fmt::format("not connected to {}; on the host of {}, run: portolan doctor {}",
                    list_of(mesh, others), name_of(mesh, others.front()), name_of(mesh, node))};
  }
  std::erase_if(flaws, [](const Flaw& flaw) { return flaw.node.empty(); });
  if (const size_t listed = mesh.missing.first.size(); mesh.missing.count > listed)
    flaws.push_back(
        {"others", counted(mesh.missing.count - listed, "further connection") + " missing"});
  return flaws;
}

std::vector<Flaw> one_sided_of(const mesh::Picture& mesh) {
  std::vector<std::vector<Index>> denied(mesh.nodes.size());
  for (const auto& [one, other] : mesh.one_sided.first) denied[one].push_back(other);
  std::vector<Flaw> flaws;
  for (Index node = 0; node < denied.size(); ++node)
    if (const auto& others = denied[node]; !others.empty())
      flaws.push_back({name_of(mesh, node),
                       fmt::format("says that it is connected to {}, which {} it; if it stays so, "
                                   "packets are lost one way",
                                   list_of(mesh, others), others.size() == 1 ? "denies" : "deny")});
  return flaws;
}

std::vector<Flaw> unknown_of(const mesh::Picture& mesh) {
  std::vector<Flaw> flaws;
  for (Index node = 0; node < mesh.nodes.size(); ++node)
    if (const std::string& why = mesh.nodes[node].why_unknown; !why.empty())
      flaws.push_back({name_of(mesh, node), "its connections are not known: " + why});
  return flaws;
}

std::string connections_table(const mesh::Picture& mesh) {
  const std::vector<Flaw> missing = missing_of(mesh);
  const std::vector<Flaw> one_sided = one_sided_of(mesh);
  const std::vector<Flaw> unknown = unknown_of(mesh);
  return section_of(
      {"connections", "Connections that are not well", "<th>Node</th><th>What is wrong</th>",
       rows_of(missing, "bad") + rows_of(one_sided, "unsure") + rows_of(unknown, "unsure"),
       missing.size() + one_sided.size() + unknown.size(), if_none(mesh)});
}

}  // namespace page
