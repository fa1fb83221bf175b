#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "epmd/message.h"
#include "keeper/memory.h"

namespace keeper {

/// A registration, as the next server needs it.
struct Record {
  /// Of its socket: SO_COOKIE, which no other socket has while the machine runs.
  uint64_t cookie = 0;
  /// The order in which names were registered.
  uint64_t sequence = 0;
  uint32_t creation = 0;
  epmd::Node node = {};
  bool operator==(const Record&) const = default;
};

/// The records of all names, in a Memory that outlives it, from `state_bytes` on. A crash between
/// any two of its steps leaves a record whole or free.
class Records {
 public:
  /// The number of a record's first block.
  using Number = uint32_t;
  struct Numbered {
    Number number = 0;
    Record record = {};
  };

  static constexpr size_t block_bytes = 128;

  /// Finds what is in `memory`, which outlives it.
  explicit Records(Memory& memory);

  /// Nothing: the memory cannot grow.
  std::optional<Number> put(const Record& record);
  void free(Number number);
  /// In no order.
  std::vector<Numbered> all() const;
  size_t count() const { return count_; }

 private:
  struct Block;

  Block& block(Number number) const;
  Number blocks() const;
  bool is_chain(Number first) const;
  bool claim(Number first, std::vector<bool>& is_taken) const;
  bool make_room(size_t blocks);
  bool grow();
  std::vector<Number> take(size_t blocks);
  void fill(const std::vector<Number>& chain, std::string_view text);
  std::string_view part(Number number, size_t left) const;
  Record read(Number first) const;
  void find_free();

  Memory& memory_;
  size_t count_ = 0;
  /// The last one is taken first.
  std::vector<Number> free_ = {};
};

}  // namespace keeper
