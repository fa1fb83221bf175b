#pragma once

#include <functional>
#include <string>
#include <vector>

/// Under which host name the node of a command is about to run. Without effects.
namespace doctor {

/// What a node takes its name from.
struct NodeSources {
  /// The command that starts the node.
  std::vector<std::string> words = {};
  /// A variable of its environment, or nullptr.
  std::function<const char*(const char*)> variable = {};
  /// What this host calls itself, and the text of its hosts file.
  std::string host_name = {};
  std::string hosts_file = {};
};

/// The host part that the node's name will have: the one that it is given with `-name` or `-sname`,
/// in RELEASE_NODE or in RABBITMQ_NODENAME, or else this host's name, up to the first dot if the
/// name is to be short. Empty: a long name is asked for, and this host has no domain, so the node
/// will not start. A command that hides its options, such as a script, counts as one without.
std::string own_host_of(const NodeSources& sources);

/// Whether the command has `-sname` with a host part that has a dot. Erlang then refuses to start
/// the node. Variables do not count: the script that reads them may change them.
bool has_dotted_short_name(const NodeSources& sources);

}  // namespace doctor
