#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace discovery {

inline constexpr uint16_t epmd_port_no_default = 4369;

/// What to ask the DNS for: the addresses of a host name, or an SRV record whose targets and ports
/// are EPMDs.
struct Query {
  enum class Kind { host, service };
  Kind kind = Kind::host;
  std::string name = {};
  /// Of the EPMDs; an SRV record says it itself.
  uint16_t port_no = epmd_port_no_default;
  /// As the user wrote it, and is shown it.
  std::string text = {};
  bool operator==(const Query&) const = default;
};

/// Reads "HOST", "HOST:PORT" or "srv:NAME"; HOST may be an address. `port_default` is the port of
/// the EPMDs behind a HOST that is given without one.
base::Result<Query> parse_query(std::string_view text,
                                uint16_t port_default = epmd_port_no_default);

}  // namespace discovery
