#include "web/cluster_metrics.h"

namespace web {
namespace {

std::string_view name_of(discovery::Resolution::Outcome outcome) {
  using O = discovery::Resolution::Outcome;
  switch (outcome) {
    case O::answered: return "answered";
    case O::empty: return "empty";
    case O::failed: return "failed";
  }
  return "";
}

}  // namespace

void write_queries(MetricsText& text, const status::Store& store) {
  text.begin("portolan_query_members", "gauge",
             "Members that the query leads to, without those that are missing.");
  for (const auto& [query, counts] : store.query_counts())
    text.sample(number(counts.members), {{"query", query}});
  text.begin("portolan_query_rounds_total", "counter",
             "Rounds, by what the DNS has said of the query: addresses, none, or nothing.");
  for (const auto& [query, counts] : store.query_counts())
    counts.rounds.each([&text, &label = query](auto outcome, uint64_t count) {
      text.sample(number(count), {{"query", label}, {"outcome", name_of(outcome)}});
    });
}

void write_mesh(MetricsText& text, const mesh::Picture& picture) {
  text.begin("portolan_mesh_connections", "gauge",
             "Pairs of nodes that should be connected, by whether they are.");
  text.sample(number(picture.seen), {{"state", "seen"}});
  text.sample(number(picture.missing.count), {{"state", "missing"}});
  text.sample(number(picture.unknown.count), {{"state", "unknown"}});
  text.add("portolan_mesh_connections_expected", "gauge", "The sum of these.",
           number(picture.expected));
  text.add("portolan_mesh_connections_one_sided", "gauge",
           "Connections that are seen, and that one of the two nodes denies.",
           number(picture.one_sided.count));
  text.add("portolan_mesh_groups", "gauge", "Groups of nodes without a connection between them.",
           number(picture.groups.size()));
  text.add("portolan_mesh_groups_expected", "gauge",
           "Groups there would be if no connection were missing; if there are more, the cluster is "
           "split.",
           number(picture.groups_expected));
}

}  // namespace web
