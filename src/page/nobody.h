#pragma once

#include <string>

#include "status/store.h"

namespace page {

/// Why there are no members, as far as it is known, as HTML.
std::string why_nobody(const status::Store& store);

}  // namespace page
