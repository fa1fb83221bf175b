#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace discovery {

inline constexpr uint16_t epmd_port_no_default = 4369;

/// What to ask the DNS for: the addresses of a host name, or an SRV record with targets and ports;
/// and what listens there.
struct Query {
  enum class Kind { host, service };
  enum class Behind {
    epmds,  // which list the nodes
    nodes,  // without an EPMD: each is asked itself
  };
  Kind kind = Kind::host;
  std::string name = {};
  /// Of what is behind it; an SRV record says it itself.
  uint16_t port_no = epmd_port_no_default;
  /// As the user wrote it, and is shown it.
  std::string text = {};
  Behind behind = Behind::epmds;
  bool operator==(const Query&) const = default;
};

/// Reads "HOST", "HOST:PORT" or "srv:NAME", behind which are EPMDs, and "dist:HOST:PORT" or
/// "srv-dist:NAME", behind which are nodes. HOST may be an address. `port_default` is the port of
/// the EPMDs behind a HOST that is given without one.
base::Result<Query> parse_query(std::string_view text,
                                uint16_t port_default = epmd_port_no_default);

}  // namespace discovery
