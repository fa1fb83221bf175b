#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

/// The seeds of the property tests: always the same few, and one more from PORTOLAN_SEED, which
/// who runs the tests at night changes. Print the seed with INFO.
inline std::vector<uint32_t> seeds() {
  std::vector<uint32_t> all = {1, 2, 3, 4, 5};
  if (const char* const more = std::getenv("PORTOLAN_SEED"))
    all.push_back(static_cast<uint32_t>(std::strtoul(more, nullptr, 10)));
  return all;
}

/// Raw output of the generator only: the standard's distributions differ between libraries.
class Random {
 public:
  explicit Random(uint32_t seed) : generator_(seed) {}

  /// From 0 to `end - 1`.
  uint32_t below(size_t end) { return static_cast<uint32_t>(generator_() % end); }
  bool one_in(size_t count) { return below(count) == 0; }
  std::string bytes(size_t count) {
    std::string drawn;
    while (drawn.size() < count) drawn += static_cast<char>(below(256));
    return drawn;
  }

 private:
  std::mt19937 generator_;
};
