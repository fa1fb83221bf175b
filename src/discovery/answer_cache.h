#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "discovery/interfaces.h"

namespace discovery {

/// What the EPMDs behind the queries answered last, so that not all need be asked in each round.
class AnswerCache {
 public:
  /// So many names are remembered, of all EPMDs together. An answer for which there is no room is
  /// not: that EPMD counts as one that was never asked.
  static constexpr size_t names_max = 20'000;

  /// Null: nothing is remembered.
  const NamesAnswer* find(const Endpoint& epmd) const;
  bool contains(const Endpoint& epmd) const { return find(epmd) != nullptr; }
  /// Whether it is another answer than before, or the first.
  bool learn(const Endpoint& epmd, const NamesAnswer& answer);
  /// How often it was.
  uint64_t changes() const { return changes_; }

  /// Forgets the others.
  void keep(const std::function<bool(const Endpoint& epmd)>& is_there);
  void clear();

  /// At this address.
  std::vector<Endpoint> at(const std::string& ip) const;
  /// The next ones, in the order of their addresses, and after the last the first again.
  std::vector<Endpoint> next(size_t count);

  size_t size() const { return answers_.size(); }

 private:
  void forget(const Endpoint& epmd);

  std::map<Endpoint, NamesAnswer> answers_ = {};
  size_t names_ = 0;
  uint64_t changes_ = 0;
  Endpoint last_ = {};
};

}  // namespace discovery
