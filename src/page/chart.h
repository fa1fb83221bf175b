#pragma once

#include <string>

#include "epmd/registry.h"
#include "page/harbours.h"

namespace page {

/// The cluster as a chart, in SVG: this host in the middle, its members around it, and those that
/// cannot be connected to. `ways` is ways_of(harbours), which were made of `count` nodes.
std::string picture_of(size_t count, const epmd::Registry& registry, const std::string& host,
                       const std::string& ways);

/// Those around this host, how they are reached, and who of them is connected to whom, if the mesh
/// is known. No label lies on another.
std::string ways_of(const Harbours& harbours, const mesh::Picture& mesh);

}  // namespace page
