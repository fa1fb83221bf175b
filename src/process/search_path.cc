#include "process/search_path.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <sstream>

namespace process {
namespace {

int why_not_executable(const std::string& path) {
  if (access(path.c_str(), X_OK) != 0) return errno;
  std::error_code error;
  return std::filesystem::is_directory(path, error) ? EACCES : 0;
}

}  // namespace

/// A file that may not be run counts for more than folders without one, as in posix_spawnp.
int why_not_startable(const std::string& command) {
  if (command.find('/') != std::string::npos) return why_not_executable(command);
  const char* const path = std::getenv("PATH");
  std::istringstream folders(path ? path : "/bin:/usr/bin");
  int why = ENOENT;
  for (std::string folder; std::getline(folders, folder, ':');) {
    const int fault = why_not_executable((folder.empty() ? "." : folder) + '/' + command);
    if (fault == 0) return 0;
    if (fault == EACCES) why = EACCES;
  }
  return why;
}

}  // namespace process
