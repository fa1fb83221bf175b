// What finding a name costs with a cold cache, without the network around it.
//
//   bench_registry [NAMES [KIB]]
//
// Between two look-ups KIB of other memory are written (1024), as the kernel does when it serves a
// connection. Names are asked in an order that jumps about. Between the entries lies as much memory
// as their connections take.

#include "epmd/registry.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "names.h"

namespace {

using Clock = std::chrono::steady_clock;

constexpr unsigned rounds = 15;
constexpr unsigned finds = 20'000;
constexpr unsigned stride = 7919;
constexpr std::size_t connection_bytes = 400;
constexpr std::size_t cache_line_bytes = 64;

struct Silent final : epmd::EventSink {
  void record(const epmd::Event& /*event*/) override {}
};

class Bench {
 public:
  Bench(unsigned names, std::size_t dirty_bytes) : dirt_(dirty_bytes) {
    for (unsigned i = 0; i < names; ++i) {
      epmd::Node node;
      node.alive_name = bench::name_of(i);
      node.port_no = bench::port_of(i);
      held_.push_back(registry_.add(std::move(node), 3));
      connections_.push_back(std::make_unique<char[]>(connection_bytes));
    }
  }

  double ns_per_find() {
    Clock::duration taken = {};
    for (unsigned i = 0; i < finds; ++i) {
      const unsigned asked = i * stride % static_cast<unsigned>(held_.size());
      const std::string name = bench::name_of(asked);
      for (std::size_t at = 0; at < dirt_.size(); at += cache_line_bytes) ++dirt_[at];
      const Clock::time_point begun = Clock::now();
      const epmd::Entry* entry = registry_.find(name);
      if (!entry || entry->node.port_no != bench::port_of(asked)) std::abort();
      taken += Clock::now() - begun;
    }
    return std::chrono::duration<double, std::nano>(taken).count() / finds;
  }

 private:
  Silent event_sink_ = {};
  epmd::Registry registry_{event_sink_, [] { return 0U; }};
  std::vector<epmd::Registration> held_ = {};
  std::vector<std::unique_ptr<char[]>> connections_ = {};
  std::vector<char> dirt_;
};

}  // namespace

int main(int argc, char** argv) {
  const auto names = static_cast<unsigned>(argc > 1 ? std::atoi(argv[1]) : 10'000);
  const auto kib = static_cast<std::size_t>(argc > 2 ? std::atoi(argv[2]) : 1024);
  Bench bench(std::max(names, 1U), kib << 10);
  std::vector<double> taken;
  for (unsigned round = 0; round < rounds; ++round) taken.push_back(bench.ns_per_find());
  std::sort(taken.begin(), taken.end());
  std::printf("%u names, %zu KiB: %.0f ns a find (%.0f to %.0f)\n", names, kib, taken[rounds / 2],
              taken.front(), taken.back());
}
