#pragma once

#include <string>

#include "web/site.h"

namespace web {

/// The whole page, which is true at the moment it is asked for. What a script keeps true later has
/// an id and data-live.
std::string page_of(const Board& board, const epmd::Registry& registry, const Place& place,
                    const std::string& why_not_ready);

}  // namespace web
