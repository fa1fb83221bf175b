#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace base {

/// How often each value of an enum occurred. `last` is its last enumerator; a value behind it is
/// refused (std::out_of_range).
template <typename Enum, Enum last>
class EnumCounts {
 public:
  void count(Enum value) { ++counts_.at(static_cast<size_t>(value)); }
  uint64_t of(Enum value) const { return counts_.at(static_cast<size_t>(value)); }
  uint64_t all() const {
    uint64_t sum = 0;
    for (const uint64_t each : counts_) sum += each;
    return sum;
  }
  /// Calls `take(value, count)` for each value, in the order of the enum.
  template <typename Take>
  void each(Take take) const {
    for (size_t i = 0; i < counts_.size(); ++i) take(static_cast<Enum>(i), counts_[i]);
  }

 private:
  std::array<uint64_t, static_cast<size_t>(last) + 1> counts_ = {};
};

}  // namespace base
