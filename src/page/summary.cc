#include "page/summary.h"

#include <fmt/core.h>

#include <algorithm>

namespace page {
namespace {

std::string tile(const char* section, const std::string& number, const char* what,
                 const char* mood = "") {
  return fmt::format("<li class=\"{}\"><a href=\"#{}\"><b>{}</b> {}</a></li>", mood, section,
                     number, what);
}

/// Which is there only if there are any.
std::string tile_if_any(const char* section, size_t count, const char* what, const char* mood) {
  return count == 0 ? "" : tile(section, std::to_string(count), what, mood);
}

size_t count_held_back(const status::Store& store) {
  return static_cast<size_t>(
      std::count_if(store.locals().begin(), store.locals().end(),
                    [](const auto& local) { return !local.held_back.empty(); }));
}

size_t count_failing(const status::Store& store) {
  return static_cast<size_t>(
      std::count_if(store.queries().begin(), store.queries().end(),
                    [](const auto& each) { return !each.second.is_answer(); }));
}

std::string queries_tile(const status::Store& store) {
  const size_t count = store.queries().size();
  const size_t failing = count_failing(store);
  if (failing == 0) return tile("queries", std::to_string(count), count == 1 ? "query" : "queries");
  return tile("queries", fmt::format("{} of {}", failing, count), "queries failing", "bad");
}

/// Of the whole cluster, or, until that is known, of the nodes here.
std::string connections_tile(const mesh::Picture& mesh, Pairs pairs) {
  if (mesh.expected > 0)
    return tile("connections", fmt::format("{} of {}", mesh.seen, mesh.expected), "connections",
                mesh.is_whole()   ? "good"
                : mesh.is_split() ? "bad"
                                  : "unsure");
  if (pairs.all == 0) return {};
  return tile("members", fmt::format("{} of {}", pairs.connected, pairs.all), "pairs connected",
              pairs.connected == pairs.all ? "good" : "unsure");
}

}  // namespace

std::string summary_of(const status::Store& store, const epmd::Registry& registry, Pairs pairs) {
  const size_t members = store.members().size();
  const size_t connectable = members - store.missing() - store.guessed();
  return "<ul id=\"summary\" data-live>" +
         tile("members", std::to_string(members), members == 1 ? "member" : "members") +
         tile("members", std::to_string(connectable), "connectable", "good") +
         tile_if_any("members", store.guessed(), "guessed", "unsure") +
         tile_if_any("members", store.missing(), "missing", "bad") +
         connections_tile(store.mesh(), pairs) +
         tile_if_any("connections", store.mesh().is_split() ? store.mesh().groups.size() : 0,
                     "groups: the cluster is split", "bad") +
         tile_if_any("non-members", store.non_members().size(), "not members", "bad") +
         tile_if_any("held-back", count_held_back(store), "held back", "bad") +
         queries_tile(store) +
         tile("names", std::to_string(registry.alive().size()), "registered here") + "</ul>\n";
}

}  // namespace page
