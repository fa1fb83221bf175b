#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include "base/enum_counts.h"
#include "discovery/interfaces.h"

namespace discovery {

/// What became of the probes, in this life of the process.
struct ProbeMetrics {
  /// Upper bounds of the times it counts apart; longer ones are behind the last.
  static constexpr std::array<Time, 8> bounds = {Time(1),   Time(5),   Time(10),   Time(50),
                                                 Time(100), Time(500), Time(1000), Time(5000)};
  template <typename Outcome, Outcome last>
  struct Kind {
    base::EnumCounts<Outcome, last> by_outcome = {};
    std::array<uint64_t, bounds.size() + 1> by_time = {};
    Time took_all = {};

    void count(Outcome outcome, Time took) {
      by_outcome.count(outcome);
      size_t slot = 0;
      while (slot < bounds.size() && took > bounds.at(slot)) ++slot;
      ++by_time.at(slot);
      took_all += took;
    }
  };
  Kind<NamesAnswer::Outcome, NamesAnswer::Outcome::nonsense> names = {};
  Kind<Identification::Outcome, Identification::Outcome::not_asked> identity = {};
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
          metrics_.identity.count(who.outcome, scheduler_.now() - begun);
          on(std::move(who));
        });
  }
  uint64_t credentials() override { return prober_.credentials(); }

 private:
  OnNames counted(OnNames on_names) {
    return [this, begun = scheduler_.now(), on = std::move(on_names)](NamesAnswer answer) {
      metrics_.names.count(answer.outcome, scheduler_.now() - begun);
      on(std::move(answer));
    };
  }

  Prober& prober_;
  const Scheduler& scheduler_;
  ProbeMetrics& metrics_;
};

}  // namespace discovery
