#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "discovery/round_cache.h"
#include "discovery/task_limiter.h"

namespace discovery {

/// Asks nodes who they are, in one round, and has the cache remember what they say.
class Identifier {
 public:
  /// All of it outlives the identifier.
  Identifier(const Environment& world, RoundCache& cache, TaskLimiter& tasks)
      : environment_(world), cache_(cache), tasks_(tasks) {}

  /// Whether a node was there, and whether it was another than before.
  using OnVisited = std::function<void(NamesAnswer::Outcome outcome, bool is_changed)>;

  /// Asks at each of these addresses in turn, until one does not refuse: a node of this host may
  /// listen at one of them only.
  void identify(const ListedNode& place, const std::vector<std::string>& ips);
  /// The same for a node that no EPMD lists, in each round, for nobody else tells when it ends.
  /// Only one that refuses to tell its name is left in peace.
  void visit(const ListedNode& place, const std::vector<std::string>& ips,
             const OnVisited& on_visited);
  /// One after the other. There is at least one.
  void identify_in_turn(std::vector<ListedNode> places);
  /// Whether it was asked, and perhaps told nothing because others asked at the same time.
  bool has_asked() const { return !asked_.empty(); }
  bool was_hindered(const ListedNode& place) const;

 private:
  using OnAnswer = std::function<void(const Identification& identification, const std::string& ip)>;

  void ask(const ListedNode& place, const std::vector<std::string>& ips, size_t index,
           const OnAnswer& on_answer);
  bool learn_anew(const ListedNode& place, const Identification& identification,
                  const std::string& ip);
  void learn(const ListedNode& place, const Identification& identification, const std::string& ip);

  const Environment& environment_;
  RoundCache& cache_;
  TaskLimiter& tasks_;
  std::set<ListedNode> asked_ = {};
};

}  // namespace discovery
