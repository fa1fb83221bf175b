#include "web/metrics.h"

#include "catch.h"

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
