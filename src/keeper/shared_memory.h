#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "base/result.h"
#include "event/descriptor.h"
#include "keeper/memory.h"

namespace keeper {

struct State;

/// The beginning of a memfd's memory, for as long as this process runs; null: it cannot be mapped.
State* map_state(int descriptor);

/// A memfd. Every server maps it anew, so that it sees what the last one has written. No command
/// inherits it.
class SharedMemory final : public Memory {
 public:
  /// The memfd, with room for the State. An error says why there is none.
  static base::Result<event::Descriptor> create();
  /// Whether this program knows what another one has written there.
  static bool is_known(int descriptor);
  /// `descriptor` stays the caller's, and open.
  static base::Result<std::unique_ptr<SharedMemory>> map(int descriptor);
  ~SharedMemory() override;

  std::byte* head() override { return head_; }
  std::span<std::byte> bytes() override { return bytes_; }
  [[nodiscard]] bool grow(size_t bytes) override;

 private:
  SharedMemory(int descriptor, std::byte* head, std::span<std::byte> bytes)
      : descriptor_(descriptor), head_(head), bytes_(bytes) {}

  int descriptor_;
  std::byte* head_;
  std::span<std::byte> bytes_;
};

}  // namespace keeper
