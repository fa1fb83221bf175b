#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace takeover {

/// What /proc says of a process. What it does not say is empty, or as below.
struct ProcessFacts {
  pid_t number = 0;
  pid_t parent = 0;
  std::string parent_name = {};
  uid_t user = 0;
  /// As `ps` shows it.
  std::string name = {};
  /// Its program's file, and the name of that without the folder.
  std::string program_path = {};
  std::string program = {};
  /// The unit of systemd that it is a service of, such as "epmd.service".
  std::string unit = {};
  /// Nothing of what follows, nor its program, may be seen: who may not have its sockets.
  bool is_hidden = false;
  /// Whether it has our network, and our numbers of processes. False: another container's.
  bool shares_network = false;
  bool shares_processes = false;
  /// It was started with sockets of a service manager (LISTEN_FDS).
  bool has_given_sockets = false;
  /// Those that run.
  std::vector<pid_t> children = {};
};

ProcessFacts facts_of(pid_t process);

/// The texts with a zero behind each in a file of its folder: the words of "cmdline", or
/// NAME=VALUE, each, of "environ". Empty, too, if they may not be seen.
std::vector<std::string> texts_of(pid_t process, const char* file);

}  // namespace takeover
