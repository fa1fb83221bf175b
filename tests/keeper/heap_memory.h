#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "keeper/memory.h"
#include "keeper/state.h"

/// Memory that outlives a Journal, up to a limit.
class HeapMemory final : public keeper::Memory {
 public:
  explicit HeapMemory(size_t bytes_max = size_t{1} << 22) : bytes_max_(bytes_max) {
    bytes_.reserve(bytes_max_);  // never moves
    bytes_.resize(keeper::state_bytes);
  }

  std::byte* head() override { return bytes_.data(); }
  std::span<std::byte> bytes() override { return bytes_; }
  [[nodiscard]] bool grow(size_t bytes) override {
    if (bytes > bytes_max_) return false;
    bytes_.resize(bytes);
    return true;
  }

 private:
  size_t bytes_max_;
  std::vector<std::byte> bytes_ = {};
};
