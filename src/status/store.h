#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/enum_counts.h"
#include "discovery/members.h"
#include "epmd/event_sink.h"
#include "mesh/picture.h"
#include "outputs/output.h"

namespace status {

using Moment = std::chrono::system_clock::time_point;

/// Something that whoever looks at the daemon wants to be told of as it happens.
struct Event {
  enum class Kind { registered, unregistered, joined, left, changed };

  uint64_t number = 0;  // 1, 2, 3, … in this life of the daemon
  Kind kind = Kind::changed;
  Moment when = {};
  /// Who joined or left, and why it left.
  discovery::Change change = {};
  /// What was registered here, or not any more.
  std::string alive_name = {};
  uint16_t port_no = 0;
  uint32_t creation = 0;
};

/// What is known of the cluster and of what has happened last, kept for those who look. It is told
/// of names as an event sink, which passes everything on, and of members as an output.
class Store final : public epmd::EventSink, public outputs::Output {
 public:
  enum class RoundOutcome { complete, partial, blind };

  struct Member {
    discovery::Member member = {};
    Moment since = {};
  };
  /// Of a query that is looked for.
  struct QueryCounts {
    using Outcome = discovery::Resolution::Outcome;
    /// By what the DNS has said.
    base::EnumCounts<Outcome, Outcome::failed> rounds = {};
    /// Members that it leads to and that are not missing.
    size_t members = 0;
  };
  struct Rounds {
    base::EnumCounts<RoundOutcome, RoundOutcome::blind> by_outcome = {};
    Moment last = {};  // when it ended; nothing before the first, or while nobody looks
    discovery::Time took_last = {};
    discovery::Time took_all = {};
    uint64_t count() const { return by_outcome.all(); }
    bool is_over() const { return last != Moment{}; }
  };

  /// So many happenings are remembered.
  static constexpr size_t happenings_max = 256;
  /// So many nodes that left are remembered, to know them again.
  static constexpr size_t departed_max = 10'000;

  /// `next` outlives it.
  explicit Store(epmd::EventSink& next) : next_(next) {}

  void record(const epmd::Event& event) override;
  void tell(const discovery::Report& report) override;
  /// These are counted from now on, from 0 those that were not before.
  void look_for(const std::vector<discovery::Query>& queries);
  /// Nobody looks for members any more.
  void forget_members();
  /// How often the server has crashed and gone on, and how many names that has cost.
  struct Crashes {
    uint64_t count = 0;
    uint64_t names_lost = 0;
  };
  void take_crashes(Crashes crashes) { crashes_ = crashes; }
  const Crashes& crashes() const { return crashes_; }
  /// Who is connected to whom, as far as it has been found out.
  void take_mesh(mesh::Picture picture);
  const mesh::Picture& mesh() const { return mesh_; }
  /// Another kind of change, such as that the daemon is about to end.
  void note_change() { note({}); }

  /// Called after each happening, and not to change the store.
  void on_happening(std::function<void(const Event&)> call_back) {
    on_happening_ = std::move(call_back);
  }

  /// Changes whenever members(), non-members(), locals(), queries() or mesh() do. References into
  /// these hold until then.
  uint64_t revision() const { return revision_; }
  const std::map<std::string, Member>& members() const { return members_; }
  size_t missing() const { return missing_; }
  /// Members whose names are guesses, and who are not missing.
  size_t guessed() const { return guessed_; }
  const std::vector<discovery::NonMember>& non_members() const { return non_members_; }
  const std::map<std::string, discovery::Resolution>& queries() const { return queries_; }
  /// By their texts, those of look_for().
  const std::map<std::string, QueryCounts>& query_counts() const { return query_counts_; }
  const std::vector<discovery::LocalNode>& locals() const { return locals_; }
  /// What the EPMDs behind the queries have answered.
  const std::map<discovery::Endpoint, discovery::NamesAnswer::Outcome>& epmds() const {
    return epmds_;
  }
  const Rounds& rounds() const { return rounds_; }
  const std::deque<Event>& happenings() const { return happenings_; }
  uint64_t restarts() const { return restarts_; }

 private:
  void note(Event happening);
  bool take_members(const discovery::Report& report);
  void count_members();
  void count_queries(const discovery::Sightings& sightings);
  void take_change(const discovery::Change& change);
  bool take_rest(const discovery::Sightings& sightings);

  epmd::EventSink& next_;
  std::function<void(const Event&)> on_happening_ = {};
  std::map<std::string, Member> members_ = {};
  std::vector<discovery::NonMember> non_members_ = {};
  std::map<std::string, discovery::Resolution> queries_ = {};
  std::map<std::string, QueryCounts> query_counts_ = {};
  std::vector<discovery::LocalNode> locals_ = {};
  std::map<discovery::Endpoint, discovery::NamesAnswer::Outcome> epmds_ = {};
  Rounds rounds_ = {};
  Crashes crashes_ = {};
  mesh::Picture mesh_ = {};
  std::deque<Event> happenings_ = {};
  uint64_t revision_ = 1;
  size_t missing_ = 0;
  size_t guessed_ = 0;
  uint64_t happened_ = 0;
  uint64_t restarts_ = 0;
  std::map<std::string, uint32_t> departed_ = {};  // with their creations
};

}  // namespace status
