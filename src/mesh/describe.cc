#include "mesh/describe.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <functional>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace mesh {
namespace {

using Index = Picture::Index;

/// A longer list is cut. --json has all.
constexpr size_t lines_max = 20;
constexpr size_t names_max = 10;

std::string name_of(const Picture& picture, Index node) {
  return picture.nodes[node].name.to_string();
}

std::string list_of(const Picture& picture, const std::vector<Index>& nodes) {
  std::string list;
  for (size_t i = 0; i < std::min(nodes.size(), names_max); ++i)
    list += (i == 0 ? "" : ", ") + name_of(picture, nodes[i]);
  if (nodes.size() > names_max) list += fmt::format(" and {} more", nodes.size() - names_max);
  return list;
}

/// Each pair once, with the node that has most such pairs: it is most likely the one to look at.
std::vector<std::pair<Index, std::vector<Index>>> by_node(const std::vector<Picture::Pair>& pairs) {
  std::map<Index, std::set<Index>> open;
  for (const auto& [one, other] : pairs) {
    open[one].insert(other);
    open[other].insert(one);
  }
  std::vector<Index> order;
  order.reserve(open.size());
  for (const auto& [node, others] : open) order.push_back(node);
  std::stable_sort(order.begin(), order.end(),
                   [&](Index a, Index b) { return open[a].size() > open[b].size(); });
  std::vector<std::pair<Index, std::vector<Index>>> result;
  for (const Index node : order) {
    if (open[node].empty()) continue;
    result.push_back({node, {open[node].begin(), open[node].end()}});
    for (const Index other : open[node]) open[other].erase(node);
  }
  return result;
}

/// So many lines, and how many more there are.
template <typename List>
std::string lines_of(const List& list, const std::function<std::string(size_t)>& line) {
  std::string text;
  for (size_t i = 0; i < std::min(list.size(), lines_max); ++i) text += line(i) + '\n';
  if (list.size() > lines_max)
    text += fmt::format("... and {} more such lines; --json has all\n", list.size() - lines_max);
  return text;
}

std::string describe_groups(const Picture& picture) {
  if (!picture.is_split()) return {};
  return fmt::format("split into {} groups:\n", picture.groups.size()) +
         lines_of(picture.groups, [&](size_t i) {
           const auto& group = picture.groups[i];
           const char* const what = group.size() == 1 ? "alone: " : "group of ";
           return what + (group.size() == 1 ? "" : fmt::format("{}: ", group.size())) +
                  list_of(picture, group);
         });
}

std::string describe_missing(const Picture& picture) {
  const auto missing = by_node(picture.missing.first);
  return lines_of(missing, [&](size_t i) {
    return fmt::format("missing: {} is not connected to {}", name_of(picture, missing[i].first),
                       list_of(picture, missing[i].second));
  });
}

std::string describe_one_sided(const Picture& picture) {
  return lines_of(picture.one_sided.first, [&](size_t i) {
    const auto& [one, other] = picture.one_sided.first[i];
    return fmt::format("one-sided: {0} says that it has {1}, which says that it has not {0}",
                       name_of(picture, one), name_of(picture, other));
  });
}

bool is_apart(const Picture& picture, Index node) { return picture.degrees[node].expected == 0; }

/// A node that is alone is not told of.
std::string describe_apart(const Picture& picture) {
  std::vector<Index> apart;
  for (Index node = 0; node < picture.nodes.size(); ++node)
    if (is_apart(picture, node)) apart.push_back(node);
  if (apart.empty() || picture.nodes.size() == 1) return {};
  return "cannot be connected to any other: " + list_of(picture, apart) + '\n';
}

/// Of a node that is to be connected to others: another is not even asked.
std::string describe_unknown(const Picture& picture) {
  std::map<std::string, std::vector<Index>> by_reason;
  for (Index node = 0; node < picture.nodes.size(); ++node)
    if (!is_apart(picture, node) && !picture.nodes[node].why_unknown.empty())
      by_reason[picture.nodes[node].why_unknown].push_back(node);
  std::string text;
  for (const auto& [why, nodes] : by_reason)
    text += fmt::format("unknown: whom {} has: {}\n", list_of(picture, nodes), why);
  return text;
}

/// For a shell.
bool is_safe_to_paste(const std::string& name) {
  return name.front() != '-' && std::all_of(name.begin(), name.end(), [](char each) {
           return std::isalnum(static_cast<unsigned char>(each)) != 0 ||
                  std::string_view("_.@-").find(each) != std::string_view::npos;
         });
}

std::string describe_first_look(const Picture& picture) {
  const auto missing = by_node(picture.missing.first);
  if (missing.empty()) return {};
  const auto& [node, others] = missing.front();
  if (!is_safe_to_paste(name_of(picture, node))) return {};
  return fmt::format("look first: where {} runs, `portolan doctor {}`\n",
                     name_of(picture, others.front()), name_of(picture, node));
}

Json names_of(const Picture& picture, const std::vector<Index>& nodes) {
  Json names = Json::array();
  for (const Index node : nodes) names.push_back(name_of(picture, node));
  return names;
}

Json pairs_of(const Picture& picture, const Picture::Pairs& pairs, size_t pairs_max) {
  Json list = Json::array();
  for (size_t i = 0; i < std::min(pairs.first.size(), pairs_max); ++i)
    list.push_back(names_of(picture, {pairs.first[i].first, pairs.first[i].second}));
  return list;
}

Json node_json(const Picture& picture, Index node) {
  Json object = {{"node", name_of(picture, node)},
                 {"expected", picture.degrees[node].expected},
                 {"seen", picture.degrees[node].seen}};
  const std::string& why = picture.nodes[node].why_unknown;
  if (!why.empty()) object["unknown"] = why;
  return object;
}

char sign_of(const Matrix& matrix, Index one, Index other) {
  const Node& node = matrix.nodes()[one];
  if (one == other || !should_connect(node, matrix.nodes()[other])) return ' ';
  if (matrix.has(one, other)) return '+';
  return node.why_unknown.empty() ? '-' : '?';
}

}  // namespace

std::string summary_of(const Picture& picture) {
  const std::string nodes =
      fmt::format("{} {}", picture.nodes.size(), picture.nodes.size() == 1 ? "node" : "nodes");
  if (picture.expected == 0) return nodes + ", no connection expected";
  const bool are_all_seen = picture.seen == picture.expected && picture.one_sided.count == 0;
  if (are_all_seen && picture.expected > 1)
    return fmt::format("{}, all {} connections", nodes, picture.expected);
  std::string text = fmt::format("{}, {} of {} connections", nodes, picture.seen, picture.expected);
  if (picture.missing.count > 0) text += fmt::format("; {} missing", picture.missing.count);
  if (picture.one_sided.count > 0) text += fmt::format("; {} one-sided", picture.one_sided.count);
  if (picture.unknown.count > 0) text += fmt::format("; {} unknown", picture.unknown.count);
  return text;
}

std::string describe(const Picture& picture) {
  return summary_of(picture) + '\n' + describe_groups(picture) + describe_apart(picture) +
         describe_missing(picture) + describe_one_sided(picture) + describe_unknown(picture) +
         describe_first_look(picture);
}

std::string to_text(const Matrix& matrix) {
  std::string text = "+ says that it is connected, - that it is not, ? does not say\n";
  for (Index one = 0; one < matrix.nodes().size(); ++one) {
    for (Index other = 0; other < matrix.nodes().size(); ++other)
      text += sign_of(matrix, one, other);
    text += "  " + matrix.nodes()[one].name.to_string() + '\n';
  }
  return text;
}

Json to_json(const Picture& picture, size_t pairs_max) {
  Json nodes = Json::array();
  for (Index node = 0; node < picture.nodes.size(); ++node)
    nodes.push_back(node_json(picture, node));
  Json groups = Json::array();
  for (const auto& group : picture.groups) groups.push_back(names_of(picture, group));
  return {{"connections",
           {{"expected", picture.expected},
            {"seen", picture.seen},
            {"missing", picture.missing.count},
            {"unknown", picture.unknown.count},
            {"one_sided", picture.one_sided.count}}},
          {"is_split", picture.is_split()},
          {"groups", std::move(groups)},
          {"missing", pairs_of(picture, picture.missing, pairs_max)},
          {"unknown", pairs_of(picture, picture.unknown, pairs_max)},
          {"one_sided", pairs_of(picture, picture.one_sided, pairs_max)},
          {"nodes", std::move(nodes)}};
}

}  // namespace mesh
