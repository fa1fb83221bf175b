// The limit of a first round of discovery: the bare prober against a cluster in its own thread.
// Prints, for scripts/bench discovery, one JSON object: what it took, and what was asked.

#include <cstdio>
#include <cstdlib>

#include "bench/bare_prober.h"
#include "bench/discovery_world.h"
#include "bench/thread_cost.h"

int main(int count, char** words) {
  const unsigned nodes = count > 1 ? static_cast<unsigned>(std::strtoul(words[1], nullptr, 10)) : 0;
  if (nodes == 0) {
    std::fprintf(stderr, "usage: bench_bare_discovery NODES\n");
    return 2;
  }
  const DiscoveryWorld world(nodes);
  const ThreadCost cost;
  BareProber prober(world);
  const size_t members = prober.run();
  std::printf(
      "{\"nodes\":%u,\"members\":%zu,\"first_wall_ms\":%.1f,\"first_cpu_ms\":%.1f,"
      "\"says_it_asked\":%s,\"asked_first\":%s}\n",
      nodes, members, cost.wall_ms(), cost.cpu_ms(), prober.asked().json().c_str(),
      world.asked().json().c_str());
  return members == nodes ? 0 : 1;
}
