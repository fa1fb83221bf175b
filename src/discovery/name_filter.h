#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace discovery {

/// Which alive names count. A glob knows `*` and `?`.
struct NameFilter {
  /// Any of these; all when empty.
  std::vector<std::string> wanted = {};
  /// But none of these: by default the helpers that people and programs start for a moment.
  std::vector<std::string> ignored = {
      "rabbitmqcli-*", "rabbit_prelaunch_*", "epmd-starter-*", "rem-*", "rpc-*-*",
      "remsh*",        "*_maint_*"};

  bool counts(std::string_view alive_name) const;
};

bool matches_glob(std::string_view glob, std::string_view text);

}  // namespace discovery
