#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>

#include "discovery/members.h"

namespace outputs {

using Json = nlohmann::ordered_json;

/// {"node":…,"address":…,"port":…,"query":…,"verified":…,"creation":…}; creation is null where the
/// node did not tell it.
Json to_json(const discovery::Sighting& member);
/// The same between "event" and "time"; one that left has a "reason".
Json to_json(const discovery::Change& change, std::chrono::system_clock::time_point when);

/// 2026-11-25T20:36:06.123Z
std::string to_text(std::chrono::system_clock::time_point when);

/// On one line, without its end. Bytes that are not UTF-8 are replaced.
std::string one_line(const Json& object);

}  // namespace outputs
