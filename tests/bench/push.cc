// How dear the push is: NodePush against a node in a thread of its own. Prints, for scripts/bench
// mesh, one JSON object: the CPU of the round in which all members are new, that of the later ones,
// in which they are connected, and what memory these have cost.

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <memory>
#include <utility>

#include "bench/fake_node.h"
#include "event/loop.h"
#include "event/timer.h"
#include "logging/log.h"
#include "push/node_push.h"

namespace {

constexpr uint16_t node_port_no = 4000;

/// Of this thread alone: the node has its own.
double cpu_ms() {
  timespec now = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

/// Resident memory in KiB, as it is now.
long resident() {
  std::ifstream file("/proc/self/statm");
  long pages = 0;
  file >> pages >> pages;
  return pages * 4;
}

/// Every host is there and lists the node, and it costs next to nothing to find out.
struct Soon final : base::Operation {
  Soon(event::Loop& loop, std::function<void()> what) : timer(loop) {
    timer.start(std::chrono::milliseconds(0), std::move(what));
  }
  event::Timer timer;
};

struct EasyFinder final : discovery::HostChecker {
  explicit EasyFinder(event::Loop& its) : loop(its) {}
  discovery::Pending is_resolvable(const std::string&, OnChecked on_checked) override {
    return std::make_unique<Soon>(loop, [on_checked = std::move(on_checked)] { on_checked(true); });
  }
  event::Loop& loop;
};

struct EasyProber final : discovery::Prober {
  explicit EasyProber(event::Loop& its) : loop(its) {}
  discovery::Pending ask_names(const discovery::Endpoint&, discovery::Time,
                               OnNames on_names) override {
    return std::make_unique<Soon>(loop, [on_names = std::move(on_names)] {
      on_names({discovery::NamesAnswer::Outcome::listed, {{"node", node_port_no}}});
    });
  }
  discovery::Pending identify(const discovery::Endpoint&, OnIdentified) override { std::abort(); }
  event::Loop& loop;
};

discovery::Members members_of(unsigned count) {
  discovery::Members members;
  for (unsigned i = 0; i < count; ++i) {
    discovery::Sighting seen;
    seen.name = {"node", "host" + std::to_string(i)};
    seen.node = {"192.0.2.1", node_port_no};
    seen.queries = {"web"};
    seen.is_verified = true;
    seen.creation = i + 1;
    seen.flags = 0xd07df7fbd;
    members[seen.name.to_string()] = {seen};
  }
  return members;
}

}  // namespace

int main(int count, char** words) {
  const unsigned nodes = count > 1 ? static_cast<unsigned>(std::strtoul(words[1], nullptr, 10)) : 0;
  const size_t rounds = count > 2 ? std::strtoul(words[2], nullptr, 10) : 0;
  if (nodes == 0 || rounds < 10) {
    std::fprintf(stderr, "usage: bench_push MEMBERS ROUNDS\n");
    return 2;
  }
  logging::set_up({.level = "off"});
  setenv("PORTOLAN_COOKIE", "bench", 1);
  FakeNode node;
  event::Loop loop;
  mesh::LocalLinks links;
  push::PushMetrics figures;
  EasyFinder finder(loop);
  EasyProber prober(loop);
  push::NodePush push(loop, finder, prober,
                      {.cookies = {"PORTOLAN_COOKIE", {}},
                       .user_of = [](const discovery::LocalNode&) { return geteuid(); }},
                      links, figures);
  discovery::Sightings sightings;
  sightings.locals = {{{"local", "here"}, {"127.0.0.1", node.port()}, 7, 0xd07df7fbd}};
  const discovery::Members members = members_of(nodes);
  const discovery::Report report = {members, {}, sightings};
  const double before = cpu_ms();
  push.tell(report);
  loop.run();  // until the connection is closed
  const double first = cpu_ms() - before;
  long memory = 0;
  for (size_t i = 0; i < rounds; ++i) {
    if (i == rounds / 10) memory = resident();
    push.tell(report);
    loop.run();
  }
  const double later = (cpu_ms() - before - first) / static_cast<double>(rounds);
  std::printf(
      "{\"members\":%u,\"connects\":%lu,\"links\":%lu,\"first_cpu_ms\":%.2f,"
      "\"later_cpu_ms\":%.3f,\"rss_kib\":%ld,\"grown_kib\":%ld}\n",
      nodes, static_cast<unsigned long>(node.connects), static_cast<unsigned long>(node.links),
      first, later, memory, resident() - memory);
  return node.connects == nodes && node.links == rounds + 1 ? 0 : 1;
}
