#pragma once

#include <string>
#include <vector>

namespace migration {

/// What process 1 of a container was started with. Each variable is NAME=VALUE.
struct MainProcess {
  std::vector<std::string> words = {};
  std::vector<std::string> environment = {};
};

/// The value of a variable; empty if it is not set.
std::string value_of(const std::vector<std::string>& environment, const std::string& name);

/// The command that the container is there for, as its image must have named it: without an init
/// that only reaps (`docker run --init`), and with a release's script where that has become its
/// emulator. Empty: it cannot be told, as an emulator's words are not those of who started it.
/// Without effects.
std::vector<std::string> command_of(const MainProcess& main);

}  // namespace migration
