#pragma once

#include <string>
#include <vector>

#include "status/store.h"

namespace page {

/// What is drawn around this host: a node, or many of one kind.
struct Harbour {
  enum class State { verified, guessed, missing, non_member };

  State state = State::verified;
  std::string name = {};
  /// Its address and port; empty for many.
  std::string at = {};
  /// What a reader is told who points at it.
  std::string title = {};
  size_t count = 1;
};

struct Harbours {
  /// In natural order of their names.
  std::vector<Harbour> all = {};
  /// In words, what of them is drawn as one; empty: each is drawn on its own.
  std::string grouping = {};
};

/// Up to so many nodes are drawn one by one. More are grouped by host or by query, those in trouble
/// only if they are too many by themselves.
constexpr size_t harbours_max = 40;
Harbours harbours_of(const status::Store& store);

/// verified, guessed, missing, non-member
const char* name_of(Harbour::State state);

}  // namespace page
