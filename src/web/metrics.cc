#include "web/metrics.h"

#include <algorithm>
#include <span>

#include "logging/wording.h"
#include "web/cluster_metrics.h"
#include "web/process_metrics.h"

namespace web {
namespace {

using K = epmd::EventKind;

/// An event and what it is counted as.
struct Counted {
  K event = K::count_;
  std::string_view kind = {};
  std::string_view outcome = {};
};

constexpr std::array requests = {
    Counted{K::registered, "alive2", "registered"},
    Counted{K::alive2_name_taken, "alive2", "taken"},
    Counted{K::alive2_no_room, "alive2", "no_room"},
    Counted{K::alive2_no_memory, "alive2", "no_memory"},
    Counted{K::alive2_from_remote, "alive2", "remote"},
    Counted{K::alive2_name_too_long, "alive2", "name_too_long"},
    Counted{K::alive2_name_encoding, "alive2", "not_utf8"},
    Counted{K::alive2_extra_too_long, "alive2", "extra_too_long"},
    Counted{K::alive2_too_short, "alive2", "too_short"},
    Counted{K::alive2_name_size, "alive2", "name_size"},
    Counted{K::alive2_extra_size, "alive2", "extra_size"},
    Counted{K::alive2_name_has_nul, "alive2", "name_has_nul"},
    Counted{K::port_please2_found, "port_please2", "found"},
    Counted{K::port_please2_unknown, "port_please2", "unknown"},
    Counted{K::port_please2_too_short, "port_please2", "too_short"},
    Counted{K::port_please2_name_has_nul, "port_please2", "name_has_nul"},
    Counted{K::port_please2_name_invalid, "port_please2", "name_invalid"},
    Counted{K::names_resp, "names", "listed"},
    Counted{K::mesh_resp, "mesh", "listed"},
    Counted{K::dump_resp, "dump", "listed"},
    Counted{K::dump_from_remote, "dump", "remote"},
    Counted{K::killed, "kill", "obeyed"},
    Counted{K::kill_refused, "kill", "refused"},
    Counted{K::kill_from_remote, "kill", "remote"},
    Counted{K::stopped, "stop", "obeyed"},
    Counted{K::stop_unknown, "stop", "unknown"},
    Counted{K::stop_refused, "stop", "refused"},
    Counted{K::stop_from_remote, "stop", "remote"},
    Counted{K::stop_too_short, "stop", "too_short"},
    Counted{K::listing_no_memory, "any", "no_memory"},
    Counted{K::peer_not_allowed, "any", "not_allowed"},
    Counted{K::opcode_unknown, "any", "opcode_unknown"},
    Counted{K::packet_size_invalid, "any", "packet_size_invalid"},
    Counted{K::packet_overrun, "any", "packet_overrun"},
    Counted{K::partial_packet, "any", "partial_packet"},
};

/// Those that were closed although their peers had not ended.
constexpr std::array dropped = {K::timed_out,   K::evicted,      K::no_room,
                                K::read_failed, K::write_failed, K::data_after_registration};

std::string_view name_of(status::Store::RoundOutcome outcome) {
  using O = status::Store::RoundOutcome;
  switch (outcome) {
    case O::complete: return "complete";
    case O::partial: return "partial";
    case O::blind: return "blind";
  }
  return "";
}

std::string_view name_of(discovery::NamesAnswer::Outcome outcome) {
  using O = discovery::NamesAnswer::Outcome;
  switch (outcome) {
    case O::listed: return "listed";
    case O::refused: return "refused";
    case O::silent: return "silent";
    case O::nonsense: return "nonsense";
  }
  return "";
}

std::string_view name_of(discovery::Identification::Outcome outcome) {
  using O = discovery::Identification::Outcome;
  switch (outcome) {
    case O::identified: return "identified";
    case O::busy: return "busy";
    case O::not_allowed: return "not_allowed";
    case O::speaks_tls: return "speaks_tls";
    case O::closed: return "closed";
    case O::nonsense: return "nonsense";
    case O::refused: return "refused";
    case O::silent: return "silent";
    case O::tls_failed: return "tls_failed";
    case O::not_asked: return "not_asked";
  }
  return "";
}

std::string_view name_of(push::PushMetrics::End end) {
  using E = push::PushMetrics::End;
  switch (end) {
    case E::finished: return "finished";
    case E::refused: return "refused";
    case E::silent: return "silent";
    case E::closed: return "closed";
    case E::wrong_cookie: return "wrong_cookie";
    case E::impostor: return "impostor";
    case E::stranger: return "stranger";
    case E::not_allowed: return "not_allowed";
    case E::speaks_tls: return "speaks_tls";
    case E::nonsense: return "nonsense";
    case E::tls_failed: return "tls_failed";
    case E::foreign_user: return "foreign_user";
  }
  return "";
}

constexpr std::array<std::string_view, discovery::ProbeMetrics::bounds.size()> bounds = {
    "0.001", "0.005", "0.01", "0.05", "0.1", "0.5", "1", "5"};

void write_survival(MetricsText& text, const SurvivalCounts& survival) {
  text.add("portolan_server_restarts_total", "counter",
           "How often the server crashed and was restarted by its keeper.",
           number(survival.restarts));
  text.add("portolan_names_kept_total", "counter",
           "Names that outlived a crash, an upgrade or a restart.", number(survival.names_kept));
  text.add("portolan_names_lost_total", "counter",
           "Names that one of these ended although their nodes were there.",
           number(survival.names_lost));
}

void write_names(MetricsText& text, const MetricsInput& input) {
  text.add("portolan_names", "gauge", "Names registered now.",
           number(input.registry.alive().size()));
  text.add("portolan_names_remembered", "gauge", "Names that were, kept for their creations.",
           number(input.registry.history().size()));
  text.add("portolan_registrations_total", "counter", "Names that were registered.",
           number(input.events.count(K::registered)));
  text.add("portolan_unregistrations_total", "counter", "Names that have gone.",
           number(input.events.count(K::unregistered)));
  write_survival(text, input.survival);
  text.begin("portolan_requests_total", "counter", "Requests, by kind and by what became of them.");
  for (const Counted& each : requests)
    text.sample(number(input.events.count(each.event)),
                {{"kind", each.kind}, {"outcome", each.outcome}});
}

void write_connections(MetricsText& text, const MetricsInput& input) {
  text.add("portolan_connections", "gauge",
           "Connections to EPMD that are open, those of registered nodes among them.",
           number(input.connections));
  text.begin("portolan_connections_total", "counter", "Connections accepted, by origin.");
  text.sample(number(input.events.count(K::connected_local)), {{"origin", "local"}});
  text.sample(number(input.events.count(K::connected_remote)), {{"origin", "remote"}});
  text.begin("portolan_connections_dropped_total", "counter",
             "Connections that were closed before they were done, by reason.");
  for (const K each : dropped)
    text.sample(number(input.events.count(each)), {{"reason", logging::wording_of(each).name}});
  text.add("portolan_descriptor_shortages_total", "counter", "How often file descriptors ran out.",
           number(input.events.count(K::descriptors_exhausted)));
}

void write_discovery(MetricsText& text, const status::Store& store) {
  const status::Store::Rounds& rounds = store.rounds();
  text.begin("portolan_discovery_rounds_total", "counter",
             "Rounds, by how many of the queries the DNS has answered: all, some, none.");
  rounds.by_outcome.each([&text](status::Store::RoundOutcome outcome, uint64_t count) {
    text.sample(number(count), {{"outcome", name_of(outcome)}});
  });
  text.add("portolan_discovery_last_round_timestamp_seconds", "gauge",
           "When the last round ended; 0 before the first, and while nothing is looked for.",
           std::chrono::duration<double>(rounds.last.time_since_epoch()).count());
  text.add("portolan_discovery_round_seconds_total", "counter", "Time spent in rounds.",
           std::chrono::duration<double>(rounds.took_all).count());
  text.begin("portolan_members", "gauge",
             "Members: who told their names, whose names are guesses, and who is missing.");
  text.sample(number(store.members().size() - store.missing() - store.guessed()),
              {{"state", "verified"}});
  text.sample(number(store.guessed()), {{"state", "guessed"}});
  text.sample(number(store.missing()), {{"state", "missing"}});
  text.add("portolan_non_members", "gauge", "Nodes that were found and cannot be connected to.",
           number(store.non_members().size()));
  const auto& locals = store.locals();
  text.add("portolan_held_back", "gauge",
           "Nodes of this host that are not pushed: others cannot reach them by their names, or "
           "another node has the same name.",
           number(static_cast<uint64_t>(
               std::count_if(locals.begin(), locals.end(),
                             [](const auto& local) { return !local.held_back.empty(); }))));
  text.add("portolan_node_restarts_total", "counter",
           "Members that came back with another creation.", number(store.restarts()));
}

void write_probes(MetricsText& text, const discovery::ProbeMetrics& probes) {
  text.begin("portolan_probes_total", "counter",
             "Questions to EPMDs (names; the push asks them too) and nodes (identity), by what was "
             "answered.");
  const auto sample = [&text](std::string_view kind) {
    return [&text, kind](auto outcome, uint64_t count) {
      text.sample(number(count), {{"kind", kind}, {"outcome", name_of(outcome)}});
    };
  };
  probes.names.by_outcome.each(sample("names"));
  probes.identity.by_outcome.each(sample("identity"));
  text.begin("portolan_probe_duration_seconds", "histogram", "How long these took.");
  const auto write = [&text](const auto& input, std::string_view kind) {
    uint64_t all = 0;
    for (size_t i = 0; i < bounds.size(); ++i) {
      all += input.by_time.at(i);
      text.sample("_bucket", number(all), {{"kind", kind}, {"le", bounds.at(i)}});
    }
    all += input.by_time.back();
    text.sample("_bucket", number(all), {{"kind", kind}, {"le", "+Inf"}});
    text.sample("_sum", std::chrono::duration<double>(input.took_all).count(), {{"kind", kind}});
    text.sample("_count", number(all), {{"kind", kind}});
  };
  write(probes.names, "names");
  write(probes.identity, "identity");
}

void write_pushes(MetricsText& text, const push::PushMetrics& pushes) {
  text.begin("portolan_pushes_total", "counter",
             "What nodes of this host were told: to connect to another, and whether they did; "
             "pairs that were connected and did not hold; messages to a process.");
  text.sample(number(pushes.connected), {{"outcome", "connected"}});
  text.sample(number(pushes.not_connected), {{"outcome", "not_connected"}});
  text.sample(number(pushes.lost), {{"outcome", "lost"}});
  text.sample(number(pushes.messages), {{"outcome", "message"}});
  text.begin("portolan_push_connections_total", "counter",
             "Connections to nodes of this host, to tell them, by how they ended.");
  pushes.ends.each([&text](push::PushMetrics::End end, uint64_t count) {
    text.sample(number(count), {{"end", name_of(end)}});
  });
}

void write_pairs(MetricsText& text, const push::PushMetrics& pushes) {
  text.begin("portolan_push_pairs", "gauge",
             "Pairs of a node of this host and a member that the push is to connect, at the last "
             "look.");
  text.sample(number(pushes.pairs_connected), {{"state", "connected"}});
  text.sample(number(pushes.pairs - pushes.pairs_connected), {{"state", "not_connected"}});
}

void write_http(MetricsText& text, const MetricsInput& input) {
  const http::Server& http = input.http;
  text.add("portolan_http_connections", "gauge", "HTTP connections that are open.",
           number(http.connections()));
  text.add("portolan_http_streams", "gauge", "Readers of /v1/events.", number(http.streams()));
  text.add("portolan_http_connections_total", "counter", "HTTP connections accepted.",
           number(http.counts().accepted));
  text.begin("portolan_http_dropped_total", "counter",
             "HTTP connections that were closed, or refused, to protect the others.");
  text.sample(number(http.counts().evicted), {{"reason", "evicted"}});
  text.sample(number(http.counts().timed_out), {{"reason", "timed_out"}});
  text.sample(number(http.counts().refused), {{"reason", "no_room"}});
  text.add("portolan_http_misdirected_total", "counter",
           "HTTP requests refused because the host they name is not known (`--http-host`).",
           number(input.misdirected));
}

void write_process(MetricsText& text) {
  const ProcessMetrics process = process_metrics();
  text.add("process_cpu_seconds_total", "counter", "Processor time used.", process.cpu_seconds);
  text.add("process_start_time_seconds", "gauge", "When the process started, since 1970.",
           process.started);
  const auto add_if_seen = [&text](const char* name, const char* help, double value) {
    text.begin(name, "gauge", help);
    if (value > 0) text.sample(value);  // a 0 would be a measurement
  };
  add_if_seen("process_resident_memory_bytes", "Memory in use.", process.resident_bytes);
  add_if_seen("process_virtual_memory_bytes", "Address space in use.", process.virtual_bytes);
  add_if_seen("process_open_fds", "Open file descriptors.", process.descriptors);
  text.add("process_max_fds", "gauge", "File descriptors there may be.", process.descriptors_max);
}

}  // namespace

std::string metrics_of(const MetricsInput& input) {
  MetricsText text;
  text.begin("portolan_build_info", "gauge", "Always 1: the version is in the label.");
  text.sample(1, {{"version", input.version}});
  text.add("portolan_config_last_reload_successful", "gauge",
           "0 if the options were wrong at the last SIGHUP, and stayed as they were.",
           input.is_reload_failed ? 0 : 1);
  write_names(text, input);
  write_connections(text, input);
  write_discovery(text, input.store);
  write_queries(text, input.store);
  write_mesh(text, input.store.mesh());
  write_probes(text, input.probes);
  write_pushes(text, input.pushes);
  write_pairs(text, input.pushes);
  write_http(text, input);
  write_process(text);
  return text.text();
}

}  // namespace web
