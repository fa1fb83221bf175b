#pragma once

#include <spdlog/fmt/fmt.h>

#include <cstdio>
#include <nlohmann/json.hpp>

namespace commands {

using Json = nlohmann::ordered_json;

/// One object, one line, on standard output. Bytes that are not UTF-8 are replaced.
inline void print_json(const Json& object) {
  fmt::print("{}\n", object.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace commands
