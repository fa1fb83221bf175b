#include "terminal/print.h"

#include <cstdio>

#include "terminal/ask.h"

namespace terminal {

/// Not left to the end of the program, where nobody hears of what did not go through; nor to
/// fmt::print, which throws when its buffer is full and there is no room for it.
bool print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  return std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
}

int finish(std::string_view command, bool is_printed) {
  return is_printed ? 0 : fail(command, cannot_print);
}

}  // namespace terminal
