#pragma once

#include <string>
#include <vector>

namespace keeper {

/// A program, and the words it is started with. The first word is what it is called by.
struct Program {
  std::string path = {};
  std::vector<std::string> words = {};
};

/// This program as it was started: what is at this path may be another one by now. Empty if /proc
/// does not say.
Program this_program();

/// Puts it in our place: the process stays. Returns the error's number; our place is ours still.
int replace_us(const Program& program);

}  // namespace keeper
