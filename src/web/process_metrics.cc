#include "web/process_metrics.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace web {
namespace {

/// What follows the command's name in /proc/self/stat (proc(5)): the name may hold anything.
std::istringstream stat_fields() {
  std::ifstream file("/proc/self/stat");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const size_t end_of_name = text.rfind(')');
  return std::istringstream(end_of_name == std::string::npos ? "" : text.substr(end_of_name + 1));
}

/// The field of that number, as proc(5) counts them.
double field(int number) {
  constexpr int first = 3;
  std::istringstream fields = stat_fields();
  std::string skipped;
  for (int i = first; i < number; ++i) fields >> skipped;
  double value = 0;
  fields >> value;
  return value;
}

double seconds_since_1970() {
  timespec now = {};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

double seconds_since_boot() {
  timespec now = {};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

/// Linux tells their number as the folder's size from 6.2 on. Before, all have to be listed.
double open_descriptors() {
  struct stat folder = {};
  if (stat("/proc/self/fd", &folder) == 0 && folder.st_size > 0)
    return static_cast<double>(folder.st_size);
  std::error_code error;
  const std::filesystem::directory_iterator listed("/proc/self/fd", error);
  return error ? 0.0 : static_cast<double>(std::distance(begin(listed), end(listed)));
}

/// Measured once: it is the same for the whole life, to the last digit.
double started() {
  constexpr int start_time = 22;
  static const double at = seconds_since_1970() - seconds_since_boot() +
                           field(start_time) / static_cast<double>(sysconf(_SC_CLK_TCK));
  return at;
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double cpu_seconds() {
  rusage used = {};
  getrusage(RUSAGE_SELF, &used);
  return seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
}

}  // namespace

void note_start() { started(); }

ProcessMetrics process_metrics() {
  constexpr int virtual_bytes = 23;
  constexpr int resident_pages = 24;
  rlimit limit = {};
  getrlimit(RLIMIT_NOFILE, &limit);
  ProcessMetrics metrics;
  metrics.cpu_seconds = cpu_seconds();
  metrics.started = started();
  metrics.virtual_bytes = field(virtual_bytes);
  metrics.resident_bytes = field(resident_pages) * static_cast<double>(sysconf(_SC_PAGESIZE));
  metrics.descriptors = open_descriptors();
  metrics.descriptors_max = static_cast<double>(limit.rlim_cur);
  return metrics;
}

}  // namespace web
