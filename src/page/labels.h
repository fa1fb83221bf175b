#pragma once

#include <string>
#include <vector>

#include "page/geometry.h"

namespace page {

/// The labels of harbours at these places, as SVG. None lies on another: few stand beside their
/// harbours, and those of more in a column on either side.
std::vector<std::string> labels_of(const std::vector<Harbour>& harbours, const Ring& ring);

/// Cut at a character, for a label is no place to read a long name.
std::string shortened(const std::string& name);

}  // namespace page
