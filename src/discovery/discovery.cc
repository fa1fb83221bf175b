#include "discovery/discovery.h"

#include <algorithm>
#include <utility>

namespace discovery {

Discovery::Discovery(const Environment& world, Settings settings, OnRound on_round, Members known)
    : environment_(world),
      settings_(std::move(settings)),
      on_round_(std::move(on_round)),
      members_(std::move(known)) {
  waiting_ = environment_.scheduler.after(Time::zero(), [this] { begin_round(); });
}

void Discovery::hurry() {
  wait_ = wait_least;
  is_hurried_ = true;
  if (round_) return;
  // A thousand nodes that register at once are not worth a thousand rounds.
  const Time next = std::max(begun_ + wait_least / 2, environment_.scheduler.now());
  waiting_ =
      environment_.scheduler.after(next - environment_.scheduler.now(), [this] { begin_round(); });
}

void Discovery::change(Settings settings) {
  round_.reset();
  settings_ = std::move(settings);
  hurry();
}

void Discovery::begin_round() {
  is_hurried_ = false;
  begun_ = environment_.scheduler.now();
  round_ =
      std::make_unique<Round>(environment_, settings_.scope, cache_,
                              [this](const Sightings& sightings) { on_round_done(sightings); });
}

void Discovery::on_round_done(const Sightings& sightings) {
  const std::unique_ptr<Round> done = std::move(round_);
  Reconciled reconciled = reconcile(members_, sightings, next_aging());
  members_ = std::move(reconciled.members);
  own_names_.watch(sightings.locals);
  wait();
  const OnRound on_round = on_round_;  // it may destroy the loop
  on_round({members_, reconciled.changes, sightings, environment_.scheduler.now() - begun_});
}

/// At half the interval the shortest jittered wait still counts.
Aging Discovery::next_aging() {
  if (begun_ - aged_ < settings_.interval / 2) return Aging::does_not_count;
  aged_ = begun_;
  return Aging::counts;
}

void Discovery::wait() {
  if (is_hurried_) return hurry();
  waiting_ = environment_.scheduler.after(draw_wait(), [this] { begin_round(); });
}

/// Doubled each time up to the interval; give or take a tenth, so that many daemons which were
/// started at once do not ask at once for ever.
Time Discovery::draw_wait() {
  const Time wait = std::min(wait_, settings_.interval);
  wait_ = std::min(2 * wait, settings_.interval);
  const int64_t spread = wait.count() / 5;
  const int64_t drawn = spread > 0 ? environment_.scheduler.random() % (spread + 1) : 0;
  return wait - Time(spread / 2) + Time(drawn);
}

}  // namespace discovery
