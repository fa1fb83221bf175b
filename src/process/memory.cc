#include "process/memory.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <new>
#include <string>
#include <utility>

namespace process {
namespace {

struct Kept {
  void* memory = nullptr;
  size_t bytes = 0;
};

Kept& kept() {
  static Kept the_only_one;
  return the_only_one;
}

/// What operator new calls before it tries again.
void give_up_reserve() {
  Kept& reserve = kept();
  if (!reserve.memory) {
    std::set_new_handler(nullptr);  // nothing is left: std::bad_alloc ends the process
    return;
  }
  munmap(std::exchange(reserve.memory, nullptr), reserve.bytes);
}

/// The number that a file of the kernel holds; none when it says "max", or is not there.
std::optional<size_t> number_in(const std::string& path) {
  std::ifstream file(path);
  size_t number = 0;
  if (!(file >> number)) return std::nullopt;
  return number;
}

/// The path of our control group below the mount point, from a line of /proc/self/cgroup
/// (cgroups(7)).
std::string path_of_group(const std::string& controllers) {
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const size_t begin = line.find(':');
    const size_t end = line.find(':', begin + 1);
    if (end != std::string::npos && line.substr(begin + 1, end - begin - 1) == controllers)
      return line.substr(end + 1);
  }
  return {};
}

/// Version 2, then version 1. In a container the group's own folder is often the mount point.
std::optional<size_t> group_limit() {
  const std::array<std::string, 4> paths = {
      "/sys/fs/cgroup" + path_of_group("") + "/memory.max", "/sys/fs/cgroup/memory.max",
      "/sys/fs/cgroup/memory" + path_of_group("memory") + "/memory.limit_in_bytes",
      "/sys/fs/cgroup/memory/memory.limit_in_bytes"};
  for (const std::string& path : paths)
    if (const auto limit = number_in(path)) return limit;
  return std::nullopt;
}

std::optional<size_t> limit_of(decltype(RLIMIT_AS) resource) {
  rlimit limit = {};
  if (getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return std::nullopt;
  return static_cast<size_t>(limit.rlim_cur);
}

/// Of the two numbers at the beginning of /proc/self/statm (proc(5)): all pages, resident pages.
std::array<size_t, 2> bytes_used() {
  std::ifstream file("/proc/self/statm");
  std::array<size_t, 2> pages = {};
  file >> pages[0] >> pages[1];
  const auto page_bytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return {pages[0] * page_bytes, pages[1] * page_bytes};
}

}  // namespace

std::optional<size_t> memory_left() {
  const auto [addressed, resident] = bytes_used();
  std::optional<size_t> left;
  const auto bound = [&left](std::optional<size_t> limit, size_t used) {
    if (!limit) return;
    const size_t rest = *limit - std::min(*limit, used);
    left = std::min(left.value_or(rest), rest);
  };
  bound(limit_of(RLIMIT_AS), addressed);
  bound(limit_of(RLIMIT_DATA), addressed);
  bound(group_limit(), resident);
  return left;
}

void MemoryReserve::keep(size_t bytes) {
  kept().bytes = bytes;
  fill();
}

bool MemoryReserve::is_used() { return kept().bytes > 0 && !kept().memory; }

bool MemoryReserve::fill() {
  Kept& reserve = kept();
  if (reserve.memory) return true;
  void* const memory = mmap(nullptr, reserve.bytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return false;
  reserve.memory = memory;
  std::set_new_handler(give_up_reserve);
  return true;
}

}  // namespace process
