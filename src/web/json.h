#pragma once

#include <optional>
#include <string>

#include "epmd/registry.h"
#include "output/member_json.h"
#include "web/board.h"

/// What is known as JSON. The keys are those of `discover --json` and `names --json`, and stay.
namespace web {

using output::Json;

/// {"name":…,"port":…,…}
Json names_json(const epmd::Registry& registry, uint16_t epmd_port_no);
/// Members, those that are none and why, queries, and the last round.
Json members_json(const Board& board);
/// Targets as Prometheus discovers them (http_sd): each member's address, at its own port or at
/// `port_no`.
Json targets_json(const Board& board, std::optional<uint16_t> port_no);
/// A happening as JSON, as events of discovery have it.
Json to_json(const Happening& happening);
/// registered, unregistered, joined, left, changed
const char* name_of(Happening::Kind kind);

}  // namespace web
