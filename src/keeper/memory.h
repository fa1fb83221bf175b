#pragma once

#include <cstddef>
#include <span>

namespace keeper {

/// Memory that outlives a server. It grows, and never shrinks.
class Memory {
 public:
  Memory() = default;
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  virtual ~Memory() = default;

  /// The first `state_bytes`, in a place that does not change.
  virtual std::byte* head() = 0;
  /// All of it, in a place that changes when it grows. New memory is zero.
  virtual std::span<std::byte> bytes() = 0;
  /// Makes it at least this large. False: it cannot be, and stays as it was.
  [[nodiscard]] virtual bool grow(size_t bytes) = 0;
};

}  // namespace keeper
