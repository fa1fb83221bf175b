#include "doctor/neighbour_table.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <vector>

#include "net/file.h"

namespace doctor {
namespace {

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream input(line);
  std::vector<std::string> words;
  for (std::string word; input >> word;) words.push_back(word);
  return words;
}

std::optional<uint64_t> times_full_in(const std::string& path) {
  const auto text = net::read_file(path);
  return text ? times_full(*text) : std::nullopt;
}

}  // namespace

std::optional<uint64_t> times_full(std::string_view stat) {
  std::istringstream lines{std::string(stat)};
  std::string line;
  std::getline(lines, line);
  const std::vector<std::string> names = words_of(line);
  const auto at = std::find(names.begin(), names.end(), "table_fulls") - names.begin();
  uint64_t sum = 0;
  bool is_seen = false;
  while (std::getline(lines, line)) {
    const std::vector<std::string> numbers = words_of(line);
    if (static_cast<size_t>(at) >= std::min(names.size(), numbers.size())) return std::nullopt;
    sum += std::strtoull(numbers[static_cast<size_t>(at)].c_str(), nullptr, 16);
    is_seen = true;
  }
  return is_seen ? std::optional(sum) : std::nullopt;
}

/// Since when is not known, nor whether the limit was raised meanwhile: so nothing is broken.
std::optional<CheckResult> judge_neighbour_tables(std::optional<uint64_t> ipv4,
                                                  std::optional<uint64_t> ipv6) {
  if (!ipv4 && !ipv6) return std::nullopt;
  const uint64_t times = ipv4.value_or(0) + ipv6.value_or(0);
  if (times == 0) return ok("the kernel has had room for all neighbours of its containers");
  return unknown(fmt::format(
      "the kernel's table of neighbours was full {} times since this host started; if that number "
      "grows, connections fail: raise net.{}.neigh.default.gc_thresh3",
      times, ipv4.value_or(0) > 0 ? "ipv4" : "ipv6"));
}

std::optional<CheckResult> look_at_neighbour_tables() {
  return judge_neighbour_tables(times_full_in("/proc/net/stat/arp_cache"),
                                times_full_in("/proc/net/stat/ndisc_cache"));
}

}  // namespace doctor
