#pragma once

#include <cstdint>
#include <ctime>

#include "bench/server_cost.h"

/// The time and the processor's time that this thread takes; the cluster has a thread of its own.
class ThreadCost {
 public:
  double wall_ms() const { return ms_since(CLOCK_MONOTONIC, begun_ns_); }
  double cpu_ms() const { return ms_since(CLOCK_THREAD_CPUTIME_ID, cpu_before_ns_); }

 private:
  static double ms_since(clockid_t clock, int64_t before_ns) {
    return static_cast<double>(bench::clock_ns(clock) - before_ns) / 1e6;
  }

  int64_t begun_ns_ = bench::clock_ns(CLOCK_MONOTONIC);
  int64_t cpu_before_ns_ = bench::clock_ns(CLOCK_THREAD_CPUTIME_ID);
};
