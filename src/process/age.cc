#include "process/age.h"

#include <unistd.h>

#include <ctime>
#include <fstream>
#include <sstream>
#include <string>

namespace process {
namespace {

using std::chrono::milliseconds;

/// proc(5): the 22nd field, in clock ticks since the machine was started. The second field is a
/// name in parentheses, which may hold anything.
std::optional<long long> start_in_ticks(const std::string& stat) {
  constexpr int fields_between = 19;  // from the end of the name
  const size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(stat.substr(name_end + 1));
  std::string skipped;
  for (int i = 0; i < fields_between; ++i) fields >> skipped;
  long long ticks = 0;
  if (!(fields >> ticks)) return std::nullopt;
  return ticks;
}

milliseconds since_start_of_machine() {
  timespec now = {};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return milliseconds(now.tv_sec * 1000 + now.tv_nsec / 1'000'000);
}

}  // namespace

std::optional<milliseconds> age_of(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::ostringstream stat;
  stat << file.rdbuf();
  const auto ticks = start_in_ticks(stat.str());
  if (!file || !ticks) return std::nullopt;
  return since_start_of_machine() - milliseconds(*ticks * 1000 / sysconf(_SC_CLK_TCK));
}

}  // namespace process
