#pragma once

// What a phase of the load has cost the server: processor time and memory, as a line of JSON.

#include <sys/types.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <string>

namespace bench {

inline std::int64_t clock_ns(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

// CPU time of all threads of a process: what /proc/PID/schedstat counts, but up to date while the
// process runs, and with the threads that have ended.
inline std::int64_t process_ns(pid_t pid) {
  clockid_t clock{};
  return clock_getcpuclockid(pid, &clock) == 0 ? clock_ns(clock) : 0;
}

// Time that all processors together were busy or taken away by the host, in steps of 10 ms.
inline std::int64_t busy_ns() {
  std::ifstream file("/proc/stat");
  std::string cpu;
  std::int64_t user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0,
               steal = 0;
  file >> cpu >> user >> nice >> system >> idle >> iowait >> irq >> softirq >> steal;
  return (user + nice + system + irq + softirq + steal) * (1'000'000'000 / sysconf(_SC_CLK_TCK));
}

// The number behind `key` in /proc/PID/smaps_rollup, 0 if there is none.
inline std::int64_t memory_kb(pid_t pid, const std::string& key) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/smaps_rollup");
  std::string word;
  std::int64_t number = 0;
  while (file >> word)
    if (word == key && file >> number) return number;
  return 0;
}

struct Cost {
  std::int64_t server = 0, load = 0, busy = 0, wall = 0;
};

inline Cost cost(pid_t server) {
  return {process_ns(server), clock_ns(CLOCK_PROCESS_CPUTIME_ID), busy_ns(),
          clock_ns(CLOCK_MONOTONIC)};
}

// Until the server has used no time for three milliseconds in a row, for a second at most: it may
// still have connections to close when the load has its last reply.
inline void wait_until_idle(pid_t server) {
  const timespec millisecond{0, 1'000'000};
  std::int64_t last = process_ns(server);
  for (int quiet = 0, tries = 0; quiet < 3 && tries < 1000; ++tries) {
    nanosleep(&millisecond, nullptr);
    const std::int64_t now = process_ns(server);
    quiet = now == last ? quiet + 1 : 0;
    last = now;
  }
}

// Prints what has been used since `before`.
inline void report(const char* phase, unsigned operations, pid_t server, const Cost& before) {
  const std::int64_t drained = clock_ns(CLOCK_MONOTONIC);
  wait_until_idle(server);
  const Cost after = cost(server);
  std::printf("{\"phase\": \"%s\", \"operations\": %u, \"server_ns\": %" PRId64
              ", \"load_ns\": %" PRId64 ", \"wall_ns\": %" PRId64 ", \"busy_ns\": %" PRId64
              ", \"span_ns\": %" PRId64 ", \"pss_kb\": %" PRId64 ", \"rss_kb\": %" PRId64 "}\n",
              phase, operations, after.server - before.server, after.load - before.load,
              drained - before.wall, after.busy - before.busy, after.wall - before.wall,
              memory_kb(server, "Pss:"), memory_kb(server, "Rss:"));
  std::fflush(stdout);
}

}  // namespace bench
