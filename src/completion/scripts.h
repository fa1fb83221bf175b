#pragma once

#include <string>
#include <vector>

/// Scripts that make shells complete portolan's command line. They are written from what the
/// program itself takes, so that they cannot lag behind it.
namespace completion {

struct Option {
  /// "--print", or one of epmd's: "-port".
  std::string name = {};
  /// What stands for its value in the help: "PATH", or the choices, "text|json|none". Empty: it
  /// takes none.
  std::string value = {};
  std::string about = {};
};

struct Command {
  std::string name = {};
  std::string about = {};
  std::vector<Option> options = {};
  /// What stands for its first argument, as in Option::value.
  std::string argument = {};
  /// Behind `--` it takes the command line of another program.
  bool runs_another = false;
};

struct Program {
  /// Those before a command.
  std::vector<Option> options = {};
  std::vector<Command> commands = {};
};

std::string for_bash(const Program& program);
std::string for_zsh(const Program& program);
std::string for_fish(const Program& program);

}  // namespace completion
