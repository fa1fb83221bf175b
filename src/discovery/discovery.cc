#include "discovery/discovery.h"

#include <algorithm>
#include <utility>

namespace discovery {

Discovery::Discovery(const Environment& world, Settings settings, OnRound on_round, Members known)
    : environment_(world),
      settings_(std::move(settings)),
      on_round_(std::move(on_round)),
      members_(std::move(known)) {
  begin_round_at(environment_.scheduler.now());
}

void Discovery::hurry() {
  tellers_.clear();
  hurry_up();
}

void Discovery::hurry_up() {
  wait_ = wait_least;
  asks_all_ = true;
  is_hurried_ = true;
  if (round_) return;
  // A thousand nodes that register at once are not worth a thousand rounds.
  begin_round_at(begun_ + wait_least / 2);
}

void Discovery::tell_news() {
  has_news_ = true;
  hurry_up();
}

void Discovery::hint(const std::string& ip) {
  if (settings_.scope.may_be_peer && !settings_.scope.may_be_peer(ip)) return;
  const std::vector<Endpoint> known = cache_.answers.at(ip);
  if (asks_all_) tellers_.insert(known.begin(), known.end());
  look_at(known);
}

void Discovery::look_at(const std::vector<Endpoint>& epmds) {
  hinted_.insert(epmds.begin(), epmds.end());
  if (std::exchange(is_hinted_, true) || round_) return;
  if (begun_ + hint_wait_ < next_) begin_round_at(begun_ + hint_wait_);
}

void Discovery::doubt(const std::string& node) {
  const auto member = members_.find(node);
  if (member != members_.end()) look_at({member->second.seen.epmd});
}

void Discovery::begin_round_at(Time when) {
  const Time now = environment_.scheduler.now();
  next_ = std::max(when, now);
  waiting_ = environment_.scheduler.after(next_ - now, [this] { begin_round(); });
}

void Discovery::change(Settings settings) {
  round_.reset();
  settings_ = std::move(settings);
  cache_.answers.clear();  // what they hold was chosen by the old filter
  cache_.before = {};
  hurry();
}

RoundPlan Discovery::plan() {
  RoundPlan plan;
  plan.asks_all = asks_all_;
  plan.tells_news = std::exchange(has_news_, false);
  if (!plan.tells_news) plan.tellers = tellers_;
  plan.has_missing = has_missing_;
  if (aging_ == Aging::counts) plan.in_turn = settings_.asked_in_turn;
  plan.besides = std::exchange(hinted_, {});
  if (has_missing_)
    for (const auto& [name, member] : members_)
      if (member.is_missing || member.rounds_missing > 0) plan.besides.insert(member.seen.epmd);
  return plan;
}

void Discovery::begin_round() {
  is_hurried_ = false;
  begun_ = environment_.scheduler.now();
  aging_ = next_aging();
  follows_hint_ = std::exchange(is_hinted_, false);
  answers_changed_before_ = cache_.answers.changes();
  cache_.has_members = !members_.empty();
  round_ = std::make_unique<Round>(
      environment_, settings_.scope, cache_, plan(),
      [this](const std::shared_ptr<const Sightings>& sightings) { on_round_done(sightings); });
}

void Discovery::on_round_done(const std::shared_ptr<const Sightings>& sightings) {
  const std::unique_ptr<Round> done = std::move(round_);
  const bool is_same = sightings == sightings_;
  sightings_ = sightings;
  Reconciled reconciled;
  if (!is_same) {
    reconciled = reconcile(members_, *sightings, aging_);
    members_ = std::move(reconciled.members);
    has_missing_ = std::any_of(members_.begin(), members_.end(), [](const auto& each) {
      return each.second.is_missing || each.second.rounds_missing > 0;
    });
    own_names_.watch(sightings->locals);
  }
  take_hints(!reconciled.changes.empty());
  wait();
  const OnRound on_round = on_round_;  // it may destroy the loop
  on_round(
      {members_, reconciled.changes, *sightings, environment_.scheduler.now() - begun_, is_same});
}

/// Where something has changed more may follow: a node that has just registered is often too busy
/// to tell its name.
void Discovery::take_hints(bool has_changes) {
  if (!follows_hint_) return;
  const Time least = hint_wait_least();
  hint_wait_ =
      std::clamp(has_changes ? least : 2 * hint_wait_, least, std::max(least, settings_.interval));
  if (cache_.answers.changes() != answers_changed_before_) wait_ = std::max(wait_least, least);
}

/// Longer in a large cluster: while all of it starts there are always news, and each round costs
/// everybody's DNS.
Time Discovery::hint_wait_least() const {
  const Time by_size = hint_wait_per_member * members_.size();
  return std::clamp(by_size, wait_least / 2, std::max(wait_least / 2, settings_.interval));
}

/// At half the interval the shortest jittered wait still counts.
Aging Discovery::next_aging() {
  if (begun_ - aged_ < settings_.interval / 2) return Aging::does_not_count;
  aged_ = begun_;
  return Aging::counts;
}

void Discovery::wait() {
  if (is_hurried_) return hurry_up();
  Time wait = draw_wait();
  if (wait_ == settings_.interval) {
    asks_all_ = false;
    tellers_.clear();
  }
  if (is_hinted_) wait = std::min(wait, hint_wait_);
  begin_round_at(environment_.scheduler.now() + wait);
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
