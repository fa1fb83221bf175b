// How dear discovery is: one daemon's loop against a cluster in a thread of its own. Prints, for
// scripts/bench discovery, one JSON object: what the first round took, what a quiet one costs, and
// what was asked.

#include "discovery/discovery.h"

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <vector>

#include "bench/discovery_world.h"
#include "probe/local_host.h"
#include "probe/prober.h"
#include "probe/resolver.h"
#include "probe/scheduler.h"

namespace {

using Clock = std::chrono::steady_clock;

/// Of this thread alone: the cluster has its own.
double cpu_ms() {
  timespec now = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

struct Measured {
  double first_wall_ms = 0;
  double first_cpu_ms = 0;
  size_t members = 0;
  std::vector<double> quiet_cpu_ms = {};
  uint64_t handshakes_after_first = 0;
};

Measured measure(DiscoveryWorld& world, size_t quiet_rounds) {
  event::Loop loop;
  const auto resolver = probe::Resolver::create(loop, world.dns_servers());
  probe::Prober prober(loop, "epmd_probe1@epmd");
  probe::Scheduler scheduler(loop);
  probe::NoLocalHost local;
  const discovery::Environment ports = {**resolver, prober, scheduler, local};
  const discovery::Query query = {discovery::Query::Kind::host, "web", world.epmd_port(), "web"};
  Measured measured;
  double cpu_before = cpu_ms();
  const auto begun = Clock::now();
  bool is_first = true;
  const auto on_round = [&](const discovery::Report& report) {
    const double cpu = cpu_ms() - cpu_before;
    if (is_first) {
      const std::chrono::duration<double, std::milli> took = Clock::now() - begun;
      measured.first_wall_ms = took.count();
      measured.first_cpu_ms = cpu;
      measured.members = report.members.size();
      measured.handshakes_after_first = world.handshakes;
    } else {
      measured.quiet_cpu_ms.push_back(cpu);
    }
    is_first = false;
    if (measured.quiet_cpu_ms.size() == quiet_rounds) loop.stop();
    cpu_before = cpu_ms();
  };
  discovery::Settings settings;
  settings.scope.queries = {query};
  settings.interval = std::chrono::milliseconds(150);
  const discovery::Discovery discovery(ports, settings, on_round);
  loop.run();
  return measured;
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
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  std::printf(
      "{\"nodes\":%u,\"members\":%zu,\"first_wall_ms\":%.1f,\"first_cpu_ms\":%.1f,"
      "\"quiet_cpu_ms\":[%.2f,%.2f,%.2f],\"handshakes_first\":%lu,\"handshakes_later\":%lu,"
      "\"names_asked\":%lu,\"dns_questions\":%lu,\"rss_kib\":%ld}\n",
      nodes, measured.members, measured.first_wall_ms, measured.first_cpu_ms,
      measured.quiet_cpu_ms.front(), measured.quiet_cpu_ms[measured.quiet_cpu_ms.size() / 2],
      measured.quiet_cpu_ms.back(), static_cast<unsigned long>(measured.handshakes_after_first),
      static_cast<unsigned long>(world.handshakes - measured.handshakes_after_first),
      static_cast<unsigned long>(world.names_asked),
      static_cast<unsigned long>(world.dns_questions), usage.ru_maxrss);
  return measured.members == nodes ? 0 : 1;
}
