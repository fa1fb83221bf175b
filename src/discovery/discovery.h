#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "discovery/members.h"
#include "discovery/own_names.h"
#include "discovery/reconcile.h"
#include "discovery/round.h"

namespace discovery {

/// What the loop is to do; may be changed while it runs.
struct Settings {
  Scope scope = {};
  /// Between rounds, once the first ones are over.
  Time interval = std::chrono::seconds(5);
  /// Of the EPMDs that are known, so many are asked in a round that is in no hurry.
  size_t asked_in_turn = 100;
};

/// What a round came to. The views are valid while it is being told.
struct Report {
  const Members& members;
  const std::vector<Change>& changes;
  const Sightings& sightings;
  Time took = {};
  /// There are no changes, and the sightings are those of the report before.
  bool is_same = false;
};

/// The loop: a round, what changed by it, a wait. The first rounds come fast, for a cluster that
/// starts at once shall meet at once; so do those after hurry(). The world outlives it.
class Discovery {
 public:
  using OnRound = std::function<void(const Report&)>;

  static constexpr Time wait_least = std::chrono::milliseconds(100);
  /// Between two rounds that follow hints, at least.
  static constexpr Time hint_wait_per_member = std::chrono::milliseconds(1);

  /// `on_round` may destroy the loop, once it has read what it needs. `known` are the members that
  /// an earlier process has told of.
  Discovery(const Environment& world, Settings settings, OnRound on_round, Members known = {});
  Discovery(const Discovery&) = delete;
  Discovery& operator=(const Discovery&) = delete;

  /// A round now: somebody has registered or left here, or somebody asks for it. If there is one
  /// already, another follows, for it may have looked too early.
  void hurry();
  /// The same; and whoever is asked is told that there are news here.
  void tell_news();
  /// Somebody at this address says that there are news: a round soon that asks there. It may be a
  /// lie, so rounds after which nothing has changed come ever less often.
  void hint(const std::string& ip);
  /// A node of this host has lost this member, if it is one: the same where its EPMD is.
  void doubt(const std::string& node);
  void change(Settings settings);
  /// The round that is under way ends soon, and when called again at once, without what has not
  /// answered. May call `on_round`.
  void give_up() {
    if (round_) round_->give_up();
  }

  const Members& members() const { return members_; }

 private:
  void hurry_up();
  void look_at(const std::vector<Endpoint>& epmds);
  void begin_round();
  void on_round_done(const std::shared_ptr<const Sightings>& sightings);
  RoundPlan plan();
  void take_hints(bool has_changes);
  Time hint_wait_least() const;
  void wait();
  Aging next_aging();
  Time draw_wait();
  void begin_round_at(Time when);

  const Environment& environment_;
  Settings settings_;
  OnRound on_round_;
  RoundCache cache_ = {};
  OwnNames own_names_{environment_, cache_.hosts, [this] { hurry(); }};
  Members members_ = {};
  Time wait_ = wait_least;
  Time begun_ = {};
  /// When the next round begins, while there is none.
  Time next_ = {};
  /// When the last round began by which those who are missing grew older.
  Time aged_ = {};
  bool is_hurried_ = false;
  /// All EPMDs are asked until the fast rounds are over.
  bool asks_all_ = true;
  /// Who has told of news meanwhile: of those only the ones with a hint, and all if there are news
  /// to tell them. While a cluster starts there is a round for each who has just come.
  std::set<Endpoint> tellers_ = {};
  bool has_news_ = false;
  bool has_missing_ = false;
  Aging aging_ = Aging::counts;
  std::shared_ptr<const Sightings> sightings_ = {};
  /// Where there are news, as somebody says, and whether this round looks there.
  std::set<Endpoint> hinted_ = {};
  bool is_hinted_ = false;
  bool follows_hint_ = false;
  uint64_t answers_changed_before_ = 0;
  /// Between two rounds that follow hints.
  Time hint_wait_ = wait_least / 2;
  base::Pending waiting_ = {};
  std::unique_ptr<Round> round_ = {};
};

}  // namespace discovery
