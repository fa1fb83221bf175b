#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "discovery/members.h"
#include "outputs/output.h"

namespace service {

/// What discovery has found and told, for a server that goes on where this one has crashed, or has
/// made room for another program.
struct DiscoveryProgress {
  /// Those that it has told of.
  discovery::Members members = {};
  /// What each output has told, by its name.
  outputs::Json outputs = nullptr;
};

std::string to_bytes(const discovery::Members& members,
                     const std::vector<std::unique_ptr<outputs::Output>>& outputs);
/// Nothing is known if it is not what to_bytes() of this version makes.
DiscoveryProgress parse_progress(std::string_view bytes);
/// The output goes on; if its part is not what it has made, as one that was not there.
void resume(outputs::Output& output, const DiscoveryProgress& progress);

}  // namespace service
