#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "epmd/entry.h"

namespace epmd {

/// Finds entries by name. With thousands of names nothing of this is in the processor's cache when
/// it is needed, so a look-up goes from one slot straight to the entry; std::unordered_map has two
/// nodes in between.
class NameIndex {
 public:
  using Position = Entries::iterator;

  /// Null: nobody has that name. Valid until the index changes.
  const Position* find(std::string_view alive_name) const;
  /// Nobody has its name yet. The entry keeps it, and its place in memory, until it is erased.
  void insert(Position entry);
  void erase(std::string_view alive_name);

 private:
  struct Slot {
    size_t hash = 0;  // 0: free
    Position entry = {};
  };

  size_t home_of(size_t hash) const { return hash & (slots_.size() - 1); }
  size_t after(size_t slot) const { return home_of(slot + 1); }
  size_t find_slot(std::string_view alive_name) const;
  void put(const Slot& slot);
  void grow();

  /// A power of two, and at most half of them taken: whoever finds its slot taken takes the next
  /// free one, and searches end at a free one.
  std::vector<Slot> slots_ = std::vector<Slot>(16);
  size_t taken_ = 0;
};

}  // namespace epmd
