#pragma once

#include <string_view>

namespace page {

/// Whether people expect `one` before `other`: node2 before node10.
bool comes_before(std::string_view one, std::string_view other);

}  // namespace page
