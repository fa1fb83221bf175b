#pragma once

#include <string>

#include "epmd/registry.h"
#include "status/store.h"

namespace page {

/// The cluster as a chart, in SVG: this host in the middle, its members around it, and those that
/// cannot be connected to. `ways` is ways_of(store).
std::string picture_of(const status::Store& store, const epmd::Registry& registry,
                       const std::string& host, const std::string& ways);

/// Those around this host, and how they are reached.
std::string ways_of(const status::Store& store);

}  // namespace page
