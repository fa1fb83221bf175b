#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace takeover {

/// A name that is registered, as a DUMP_RESP tells it.
struct DumpedName {
  std::string alive_name = {};
  uint16_t port_no = 0;
  /// The descriptor of its connection, in the process that was asked.
  int descriptor = -1;
  bool operator==(const DumpedName&) const = default;
};

/// The names of a DUMP_RESP, in its order: the newest first. The names that are not registered any
/// more are passed over. Nothing: these bytes are no whole DUMP_RESP.
std::optional<std::vector<DumpedName>> read_dump(std::string_view bytes);

}  // namespace takeover
