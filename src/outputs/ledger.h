#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "discovery/members.h"

namespace outputs {

/// What somebody has been told of the members, and what is still to be told. Whoever is slow does
/// not hear of what came and went meanwhile, but in the end always knows the members as they are.
class Ledger {
 public:
  void add(const std::vector<discovery::Change>& changes);
  /// The next to tell; nothing when all is told. Telling it may take its time.
  std::optional<discovery::Change> next();
  /// It has been told, or given up on.
  void acknowledge(const discovery::Change& told);
  /// All the members have been told at once.
  void strike_all();
  const std::map<std::string, discovery::Sighting>& members() const { return members_; }
  /// What is still to be told, for a process that goes on with it.
  struct Untold {
    /// As it was told; nothing: it was not, or has left.
    std::optional<discovery::Sighting> told = {};
    /// Why it left, if it has.
    std::string reason = {};
  };
  using AllUntold = std::map<std::string, Untold>;
  AllUntold untold() const;
  /// For a ledger that knows nothing yet: all these members have been told, but what is not.
  void resume(std::map<std::string, discovery::Sighting> members, const AllUntold& untold);
  /// How many names may still have to be told of.
  size_t size() const { return open_.size(); }

 private:
  using Change = discovery::Change;
  std::optional<Change> difference(const std::string& name) const;
  void close_what_came_and_went();

  std::map<std::string, discovery::Sighting> members_ = {};
  std::map<std::string, discovery::Sighting> told_ = {};
  std::map<std::string, std::string> reasons_ = {};  // why those who left did
  /// Names that may be told wrongly, in the order of their changes; each once.
  std::deque<std::string> open_ = {};
  std::set<std::string> is_open_ = {};
  std::string being_told_ = {};
};

}  // namespace outputs
