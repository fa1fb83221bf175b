#pragma once

#include <optional>
#include <string>
#include <vector>

#include "doctor/check_result.h"

/// What the command line of a node says of how it finds other nodes and connects to them. What a
/// configuration file of the node says is not seen. Without effects.
namespace doctor {

/// The words of a node's process. Empty if they are not known.
using CommandLine = std::vector<std::string>;

/// A node of this host.
struct StartedNode {
  std::string name = {};
  CommandLine command_line = {};
};
using StartedNodes = std::vector<StartedNode>;

/// Whether it has long names, whatever its host part looks like.
bool has_name_flag(const CommandLine& words);

/// What a parameter of Erlang's kernel application is set to, by its flag (`-connect_all false`) or
/// by the application's (`-kernel connect_all false`). Empty if it is not set.
std::string kernel_parameter(const CommandLine& words, const std::string& name);

/// Nodes that ask a module of their own for the ports of others (`epmd_module`), not EPMD.
/// Nothing if there are none.
std::optional<CheckResult> judge_epmd_modules(const StartedNodes& nodes);

/// Nodes that do not connect to the peers of their peers (`connect_all false`). Nothing if there
/// are none.
std::optional<CheckResult> judge_connect_all(const StartedNodes& nodes);

}  // namespace doctor
