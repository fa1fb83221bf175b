#include "status/store.h"

#include <algorithm>
#include <utility>

namespace status {
namespace {

using discovery::Change;

Store::RoundOutcome outcome_of(const discovery::Sightings& sightings) {
  const auto& queries = sightings.queries;
  const auto answered = std::count_if(queries.begin(), queries.end(),
                                      [](const auto& each) { return each.second.is_answer(); });
  if (answered == static_cast<std::ptrdiff_t>(queries.size())) return Store::RoundOutcome::complete;
  return answered == 0 ? Store::RoundOutcome::blind : Store::RoundOutcome::partial;
}

bool are_alike(const std::map<std::string, discovery::Resolution>& before,
               const std::map<std::string, discovery::Resolution>& after) {
  return std::equal(before.begin(), before.end(), after.begin(), after.end(),
                    [](const auto& one, const auto& other) {
                      return one.first == other.first &&
                             one.second.outcome == other.second.outcome &&
                             one.second.endpoints == other.second.endpoints &&
                             one.second.why == other.second.why;
                    });
}

bool are_alike(const discovery::Member& before, const discovery::Member& after) {
  return before.rounds_missing == after.rounds_missing &&
         before.seen.is_verified == after.seen.is_verified && before.seen.node == after.seen.node &&
         before.seen.epmd == after.seen.epmd && before.seen.queries == after.seen.queries;
}

bool are_same(const std::vector<discovery::LocalNode>& before,
              const std::vector<discovery::LocalNode>& after) {
  return std::equal(before.begin(), before.end(), after.begin(), after.end(),
                    [](const auto& one, const auto& other) {
                      return one.name == other.name && one.creation == other.creation &&
                             one.held_back == other.held_back;
                    });
}

}  // namespace

void Store::record(const epmd::Event& event) {
  next_.record(event);
  const bool is_registered = event.kind == epmd::EventKind::registered;
  if (!is_registered && event.kind != epmd::EventKind::unregistered) return;
  Event happening;
  happening.kind = is_registered ? Event::Kind::registered : Event::Kind::unregistered;
  happening.alive_name = event.text;
  happening.creation = static_cast<uint32_t>(event.number);
  happening.port_no = static_cast<uint16_t>(event.number2);
  note(std::move(happening));
}

void Store::tell(const discovery::Report& report) {
  const bool is_first = !rounds_.is_over();  // also of those that look again
  rounds_.by_outcome.count(outcome_of(report.sightings));
  rounds_.last = std::chrono::system_clock::now();
  rounds_.took_last = report.took;
  rounds_.took_all += report.took;
  count_queries(report.sightings);
  if (report.is_same && !is_first) return;
  const bool is_other = take_rest(report.sightings);
  const bool are_other = take_members(report);
  if (is_other || are_other || is_first) note_change();
}

/// Whether any that stays is not as before.
bool Store::take_members(const discovery::Report& report) {
  bool are_other = false;
  bool is_new = report.members.size() != members_.size();
  std::map<std::string, Member> members;
  for (const auto& [name, member] : report.members) {
    const auto known = members_.find(name);
    const bool is_known =
        known != members_.end() && known->second.member.seen.creation == member.seen.creation;
    is_new = is_new || !is_known;
    are_other = are_other || (is_known && !are_alike(known->second.member, member));
    members[name] = {member, is_known ? known->second.since : rounds_.last};
  }
  if (are_other || is_new) {
    members_ = std::move(members);
    count_members();
    ++revision_;
  }
  for (const Change& change : report.changes) take_change(change);
  return are_other;
}

void Store::count_members() {
  missing_ = 0;
  guessed_ = 0;
  for (auto& [query, counts] : query_counts_) counts.members = 0;
  for (const auto& [name, each] : members_) {
    if (each.member.rounds_missing > 0) {
      ++missing_;
      continue;
    }
    if (!each.member.seen.is_verified) ++guessed_;
    for (const std::string& query : each.member.seen.queries)
      if (const auto at = query_counts_.find(query); at != query_counts_.end())
        ++at->second.members;
  }
}

void Store::look_for(const std::vector<discovery::Query>& queries) {
  std::map<std::string, QueryCounts> counts;
  for (const discovery::Query& query : queries) counts[query.text] = query_counts_[query.text];
  query_counts_ = std::move(counts);
  count_members();
}

void Store::count_queries(const discovery::Sightings& sightings) {
  for (const auto& [query, found] : sightings.queries)
    if (const auto at = query_counts_.find(query); at != query_counts_.end())
      at->second.rounds.count(found.outcome);
}

void Store::take_change(const Change& change) {
  const std::string name = change.member.name.to_string();
  const bool has_joined = change.kind == Change::Kind::joined;
  if (departed_.size() >= departed_max) departed_.clear();
  if (!has_joined) {
    departed_[name] = change.member.creation;
  } else if (const auto before = departed_.find(name); before != departed_.end()) {
    if (change.member.is_verified && before->second != change.member.creation) ++restarts_;
    departed_.erase(before);
  }
  Event happening;
  happening.kind = has_joined ? Event::Kind::joined : Event::Kind::left;
  happening.change = change;
  note(std::move(happening));
}

/// Whether any of it is not as before.
bool Store::take_rest(const discovery::Sightings& sightings) {
  const bool is_other = non_members_ != sightings.non_members ||
                        !are_alike(queries_, sightings.queries) ||
                        !are_same(locals_, sightings.locals) || epmds_ != sightings.epmds;
  if (!is_other) return false;
  non_members_ = sightings.non_members;
  queries_ = sightings.queries;
  locals_ = sightings.locals;
  epmds_ = sightings.epmds;
  ++revision_;
  return true;
}

void Store::take_mesh(mesh::Picture picture) {
  mesh_ = std::move(picture);
  ++revision_;
  note_change();
}

void Store::forget_members() {
  members_.clear();
  query_counts_.clear();
  mesh_ = {};
  count_members();
  ++revision_;
  non_members_.clear();
  queries_.clear();
  locals_.clear();
  epmds_.clear();
  rounds_.last = {};
  note_change();
}

void Store::note(Event happening) {
  happening.number = ++happened_;
  happening.when = std::chrono::system_clock::now();
  happenings_.push_back(std::move(happening));
  if (happenings_.size() > happenings_max) happenings_.pop_front();
  if (on_happening_) on_happening_(happenings_.back());
}

}  // namespace status
