#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "doctor/check_result.h"

namespace doctor {

/// A process that is seen to listen on EPMD's port.
struct EpmdProcess {
  pid_t number = 0;
  /// As `ps` shows it.
  std::string name = {};
  /// The name of its program's file, without the folder.
  std::string program = {};
  /// The process that started it.
  std::string parent_name = {};
  std::vector<std::string> words = {};
  /// NAME=VALUE, each. Empty, too, if they may not be seen.
  std::vector<std::string> environment = {};
};

/// What is known of what becomes of the names in a crash of the EPMD at a port.
struct Keeping {
  uint16_t port_no = 0;
  /// The keeper that has announced itself for the port.
  std::optional<pid_t> keeper = {};
  /// The EPMD's own processes, as far as they are seen.
  std::vector<EpmdProcess> seen = {};
};

/// Looks at this host. Needs no privileges for a keeper; for why there is none it needs the right
/// to see the descriptors of the EPMD.
Keeping look_for_keeper(uint16_t port_no);

/// Whether names outlive a crash, and if not, why. Without effects.
CheckResult judge_keeping(const Keeping& keeping);

}  // namespace doctor
