#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "epmd/registry.h"

namespace epmd {

/// A text that several connections may be sending at once; the last to let go of it frees it.
using SharedText = std::shared_ptr<const std::string>;

/// What NAMES_REQ and DUMP_REQ are answered with. The NAMES_RESP is rendered once per change of
/// the registry, however many ask for it. The registry must outlive the listing.
class Listing {
 public:
  /// `epmd_port_no` is the port as it was configured, which the reference reports even when it
  /// listens elsewhere.
  Listing(const Registry& registry, uint32_t epmd_port_no)
      : registry_(registry), epmd_port_no_(epmd_port_no) {}

  /// EPMDPortNo, then a NodeInfo line for each name, newest first.
  SharedText names_resp();
  /// EPMDPortNo, then each name, newest first, then the history, oldest first; each line ends in
  /// LF and NUL.
  SharedText dump_resp() const;

 private:
  const Registry& registry_;
  uint32_t epmd_port_no_;
  SharedText names_resp_ = {};
  uint64_t names_revision_ = 0;
};

}  // namespace epmd
