// How dear discovery is: one daemon's loop against a cluster in a thread of its own. Prints, for
// scripts/bench discovery, one JSON object: what the first round took, what a quiet one costs, and
// what was asked.

#include "discovery/discovery.h"

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "bench/discovery_world.h"
#include "bench/thread_cost.h"
#include "probe/local_host.h"
#include "probe/prober.h"
#include "probe/resolver.h"
#include "probe/scheduler.h"

namespace {

struct Measured {
  double first_wall_ms = 0;
  double first_cpu_ms = 0;
  size_t members = 0;
  std::vector<double> quiet_cpu_ms = {};
  Questions asked_first = {};
};

std::vector<discovery::Query> queries(const DiscoveryWorld& world) {
  std::vector<discovery::Query> all;
  for (const std::string& alias : world.aliases())
    all.push_back({discovery::Query::Kind::host, alias, world.epmd_port(), alias});
  return all;
}

Measured measure(const DiscoveryWorld& world, size_t quiet_rounds) {
  event::Loop loop;
  const auto resolver =
      probe::Resolver::create(loop, "127.0.0.1:" + std::to_string(world.dns_port()));
  probe::Prober prober(loop, "epmd_probe1@epmd");
  probe::Scheduler scheduler(loop);
  probe::NoLocalHost local;
  const discovery::Environment ports = {**resolver, prober, scheduler, local};
  Measured measured;
  ThreadCost cost;
  bool is_first = true;
  const auto on_round = [&](const discovery::Report& report) {
    if (is_first) {
      measured.first_wall_ms = cost.wall_ms();
      measured.first_cpu_ms = cost.cpu_ms();
      measured.members = report.members.size();
      measured.asked_first = world.asked();
    } else {
      measured.quiet_cpu_ms.push_back(cost.cpu_ms());
    }
    is_first = false;
    if (measured.quiet_cpu_ms.size() == quiet_rounds) loop.stop();
    cost = {};
  };
  discovery::Settings settings;
  settings.scope.queries = queries(world);
  settings.interval = std::chrono::milliseconds(150);
  const discovery::Discovery discovery(ports, settings, on_round);
  loop.run();
  return measured;
}

/// Of this program alone: what getrusage() says begins with its parent's.
long peak_memory_kib() {
  std::ifstream file("/proc/self/status");
  long number = 0;
  for (std::string word; file >> word;)
    if (word == "VmHWM:" && file >> number) break;
  return number;
}

}  // namespace

int main(int count, char** words) {
  const unsigned nodes = count > 1 ? static_cast<unsigned>(std::strtoul(words[1], nullptr, 10)) : 0;
  const size_t rounds = count > 2 ? std::strtoul(words[2], nullptr, 10) : 20;
  if (nodes == 0 || rounds == 0) {
    std::fprintf(stderr, "usage: bench_discovery NODES [QUIET_ROUNDS]\n");
    return 2;
  }
  rlimit limit = {};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  DiscoveryWorld world(nodes);
  Measured measured = measure(world, rounds);
  std::sort(measured.quiet_cpu_ms.begin(), measured.quiet_cpu_ms.end());
  std::printf(
      "{\"nodes\":%u,\"members\":%zu,\"first_wall_ms\":%.1f,\"first_cpu_ms\":%.1f,"
      "\"quiet_cpu_ms\":[%.2f,%.2f,%.2f],\"asked_first\":%s,\"asked\":%s,\"rss_kib\":%ld}\n",
      nodes, measured.members, measured.first_wall_ms, measured.first_cpu_ms,
      measured.quiet_cpu_ms.front(), measured.quiet_cpu_ms[measured.quiet_cpu_ms.size() / 2],
      measured.quiet_cpu_ms.back(), measured.asked_first.json().c_str(),
      world.asked().json().c_str(), peak_memory_kib());
  return measured.members == nodes ? 0 : 1;
}
