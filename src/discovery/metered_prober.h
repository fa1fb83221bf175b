#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include "discovery/interfaces.h"

namespace discovery {

/// What became of the probes, in this life of the process.
struct ProbeMetrics {
  static constexpr size_t outcomes_max = 8;
  /// Upper bounds of the times it counts apart; longer ones are behind the last.
  static constexpr std::array<Time, 8> bounds = {Time(1),   Time(5),   Time(10),   Time(50),
                                                 Time(100), Time(500), Time(1000), Time(5000)};
  struct Kind {
    std::array<uint64_t, outcomes_max> by_outcome = {};
    std::array<uint64_t, bounds.size() + 1> by_time = {};
    Time took_all = {};

    void count(size_t outcome, Time took) {
      ++by_outcome.at(outcome);
      size_t slot = 0;
      while (slot < bounds.size() && took > bounds.at(slot)) ++slot;
      ++by_time.at(slot);
      took_all += took;
    }
  };
  Kind names = {};     // by NamesAnswer::Outcome
  Kind identity = {};  // by Identification::Outcome
};

/// A prober that counts what another one does. All that it is given outlives it.
class MeteredProber final : public Prober {
 public:
  MeteredProber(Prober& prober, const Scheduler& scheduler, ProbeMetrics& metrics)
      : prober_(prober), scheduler_(scheduler), metrics_(metrics) {}

  Pending ask_names(const Endpoint& epmd, Time timeout, OnNames on_names) override {
    return prober_.ask_names(epmd, timeout, counted(std::move(on_names)));
  }
  Pending ask_some_names(const Endpoint& epmd, Time timeout, const Interest& interest,
                         OnNames on_names) override {
    return prober_.ask_some_names(epmd, timeout, interest, counted(std::move(on_names)));
  }
  Pending identify(const Endpoint& node, OnIdentified on_identified) override {
    return prober_.identify(
        node, [this, begun = scheduler_.now(), on = std::move(on_identified)](Identification who) {
          metrics_.identity.count(static_cast<size_t>(who.outcome), scheduler_.now() - begun);
          on(std::move(who));
        });
  }

 private:
  OnNames counted(OnNames on_names) {
    return [this, begun = scheduler_.now(), on = std::move(on_names)](NamesAnswer answer) {
      metrics_.names.count(static_cast<size_t>(answer.outcome), scheduler_.now() - begun);
      on(std::move(answer));
    };
  }

  Prober& prober_;
  const Scheduler& scheduler_;
  ProbeMetrics& metrics_;
};

}  // namespace discovery
