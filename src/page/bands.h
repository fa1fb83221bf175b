#pragma once

#include <string>

#include "page/geometry.h"

namespace page {

/// The groups of a split cluster, as SVG: pieces of the ring behind their harbours.
std::string bands_of(const Ring& ring);

}  // namespace page
