#include "keeper/program.h"

#include <sys/auxv.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace keeper {

Program this_program() {
  Program program;
  // Not /proc/self/exe: whoever has made a link lead to a new program means that one.
  const auto* const path = reinterpret_cast<const char*>(getauxval(AT_EXECFN));  // NOLINT
  // A daemon may have left the folder that a relative path begins at.
  const bool is_absolute = path && *path == '/';
  std::error_code error;
  program.path = is_absolute ? path : std::filesystem::read_symlink("/proc/self/exe", error);
  std::ifstream words("/proc/self/cmdline", std::ios::binary);
  for (std::string word; std::getline(words, word, '\0');) program.words.push_back(word);
  return program.words.empty() ? Program{} : program;
}

int replace_us(const Program& program) {
  std::vector<char*> pointers;
  pointers.reserve(program.words.size() + 1);
  for (const std::string& word : program.words)
    pointers.push_back(const_cast<char*>(word.c_str()));  // NOLINT: execv changes none
  pointers.push_back(nullptr);
  execv(program.path.c_str(), pointers.data());
  return errno;
}

}  // namespace keeper
