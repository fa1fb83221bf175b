#pragma once

#include <cstddef>
#include <string>

#include "epmd/registry.h"
#include "status/store.h"

namespace page {

/// Of the pairs of a node here and a member that the push is to connect, how many are.
struct Pairs {
  size_t all = 0;
  size_t connected = 0;
  bool operator==(const Pairs&) const = default;
};

/// What there is, in numbers, each with a way to where it is told at length.
std::string summary_of(const status::Store& store, const epmd::Registry& registry, Pairs pairs);

/// What is wrong, the worst first: a few of each kind, so that none hides another.
std::string problems_of(const status::Store& store);

}  // namespace page
