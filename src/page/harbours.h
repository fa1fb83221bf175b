#pragma once

#include <limits>
#include <string>
#include <vector>

#include "status/store.h"

namespace page {

/// What is drawn around this host: a node, or many of one kind.
struct Harbour {
  enum class State { verified, guessed, missing, non_member };
  static constexpr size_t no_group = std::numeric_limits<size_t>::max();

  State state = State::verified;
  std::string name = {};
  /// Its address and port; empty for many.
  std::string at = {};
  /// What a reader is told who points at it.
  std::string title = {};
  size_t count = 1;
  /// Its nodes in the store's picture of the mesh.
  std::vector<mesh::Picture::Index> nodes = {};
  /// The group of the mesh that all of them are in, while the cluster is split.
  size_t group = no_group;
};

struct Harbours {
  /// Those of a group of the mesh are together; within, in natural order of their names.
  std::vector<Harbour> all = {};
  /// The nodes of this host in the picture of the mesh.
  std::vector<mesh::Picture::Index> here = {};
  /// In words, what of them is drawn as one; empty: each is drawn on its own.
  std::string grouping = {};
};

/// Up to so many nodes are drawn one by one. More are grouped by host or by query, those in trouble
/// only if they are too many by themselves. In trouble are also those that lack the most
/// connections.
constexpr size_t harbours_max = 40;
Harbours harbours_of(const status::Store& store);

/// verified, guessed, missing, non-member
const char* name_of(Harbour::State state);

}  // namespace page
