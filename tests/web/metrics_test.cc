#include "web/metrics.h"

#include "catch.h"
#include "fake_event_sink.h"
#include "outputs/rounds.h"
#include "web/cluster_metrics.h"

TEST_CASE("metrics are written as Prometheus reads them") {
  web::MetricsText text;
  text.add("portolan_names", "gauge", "Names.", 3);
  text.begin("portolan_probe_duration_seconds", "histogram", "Times.");
  text.sample("_bucket", 2, {{"kind", "names"}, {"le", "0.1"}});
  text.sample("_sum", 0.25);
  CHECK(text.text() ==
        "# HELP portolan_names Names.\n"
        "# TYPE portolan_names gauge\n"
        "portolan_names 3\n"
        "# HELP portolan_probe_duration_seconds Times.\n"
        "# TYPE portolan_probe_duration_seconds histogram\n"
        "portolan_probe_duration_seconds_bucket{kind=\"names\",le=\"0.1\"} 2\n"
        "portolan_probe_duration_seconds_sum 0.25\n");
}

TEST_CASE("whole numbers are written whole, however great") {
  web::MetricsText text;
  text.sample(12345678901234.0);
  CHECK(text.text() == " 12345678901234\n");
}

TEST_CASE("probes are counted by outcome, and by time up to each bound") {
  using Outcome = discovery::NamesAnswer::Outcome;
  discovery::ProbeMetrics probes;
  auto& input = probes.names;
  input.count(Outcome::refused, discovery::Time(1));
  input.count(Outcome::refused, discovery::Time(2));
  input.count(Outcome::listed, discovery::Time(6000));
  CHECK(input.by_outcome.of(Outcome::listed) == 1);
  CHECK(input.by_outcome.of(Outcome::refused) == 2);
  CHECK(input.by_outcome.all() == 3);
  CHECK(input.by_time[0] == 1);
  CHECK(input.by_time[1] == 1);
  CHECK(input.by_time.back() == 1);
  CHECK(input.took_all == discovery::Time(6003));
}

TEST_CASE("queries that are looked for are there from the beginning, and nothing else is") {
  FakeEventSink sink;
  status::Store store(sink);
  store.look_for({{.text = "web"}, {.text = "srv:_epmd._tcp.db"}});
  Rounds rounds;
  rounds.join(sighting("a@h"));
  rounds.resolve("web", discovery::Resolution::Outcome::answered);
  rounds.resolve("elsewhere", discovery::Resolution::Outcome::answered);
  rounds.tell(store);
  web::MetricsText text;
  web::write_queries(text, store);
  CHECK(text.text() ==
        "# HELP portolan_query_members Members that the query leads to, without those that are "
        "missing.\n"
        "# TYPE portolan_query_members gauge\n"
        "portolan_query_members{query=\"srv:_epmd._tcp.db\"} 0\n"
        "portolan_query_members{query=\"web\"} 1\n"
        "# HELP portolan_query_rounds_total Rounds, by what the DNS has said of the query: "
        "addresses, none, or nothing.\n"
        "# TYPE portolan_query_rounds_total counter\n"
        "portolan_query_rounds_total{query=\"srv:_epmd._tcp.db\",outcome=\"answered\"} 0\n"
        "portolan_query_rounds_total{query=\"srv:_epmd._tcp.db\",outcome=\"empty\"} 0\n"
        "portolan_query_rounds_total{query=\"srv:_epmd._tcp.db\",outcome=\"failed\"} 0\n"
        "portolan_query_rounds_total{query=\"web\",outcome=\"answered\"} 1\n"
        "portolan_query_rounds_total{query=\"web\",outcome=\"empty\"} 0\n"
        "portolan_query_rounds_total{query=\"web\",outcome=\"failed\"} 0\n");
}

TEST_CASE("the mesh is counted by what is known of its connections") {
  mesh::Picture picture;
  picture.expected = 6;
  picture.seen = 3;
  picture.missing.count = 2;
  picture.unknown.count = 1;
  picture.one_sided.count = 1;
  picture.groups = {{0, 1, 2}, {3}};
  picture.groups_expected = 1;
  web::MetricsText text;
  web::write_mesh(text, picture);
  for (const char* const line :
       {"portolan_mesh_connections{state=\"seen\"} 3\n",
        "portolan_mesh_connections{state=\"missing\"} 2\n",
        "portolan_mesh_connections{state=\"unknown\"} 1\n",
        "portolan_mesh_connections_expected 6\n", "portolan_mesh_connections_one_sided 1\n",
        "portolan_mesh_groups 2\n", "portolan_mesh_groups_expected 1\n"}) {
    INFO(line);
    CHECK(text.text().find(line) != std::string::npos);
  }
}
