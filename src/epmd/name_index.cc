#include "epmd/name_index.h"

#include <cassert>
#include <functional>
#include <utility>

namespace epmd {
namespace {

size_t hash_of(std::string_view alive_name) {
  constexpr size_t not_free = ~(~size_t{0} >> 1);
  return std::hash<std::string_view>()(alive_name) | not_free;
}

}  // namespace

const NameIndex::Position* NameIndex::find(std::string_view alive_name) const {
  const Slot& slot = slots_[find_slot(alive_name)];
  return slot.hash == 0 ? nullptr : &slot.entry;
}

void NameIndex::insert(Position entry) {
  if (++taken_ * 2 > slots_.size()) grow();
  put({hash_of(entry->node.alive_name), entry});
}

void NameIndex::erase(std::string_view alive_name) {
  size_t gap = find_slot(alive_name);
  assert(slots_[gap].hash != 0);
  --taken_;
  // Who was displaced past the gap moves into it, or else a search would end there too early.
  for (size_t slot = after(gap); slots_[slot].hash != 0; slot = after(slot)) {
    const size_t displaced = home_of(slot - slots_[slot].hash);
    if (displaced < home_of(slot - gap)) continue;
    slots_[gap] = slots_[slot];
    gap = slot;
  }
  slots_[gap] = {};
}

/// The slot of the name, or the free one where the search for it ends.
size_t NameIndex::find_slot(std::string_view alive_name) const {
  const size_t hash = hash_of(alive_name);
  const auto is_it = [&](const Slot& slot) {
    return slot.hash == hash && slot.entry->node.alive_name == alive_name;
  };
  size_t slot = home_of(hash);
  while (slots_[slot].hash != 0 && !is_it(slots_[slot])) slot = after(slot);
  return slot;
}

void NameIndex::put(const Slot& slot) {
  size_t free = home_of(slot.hash);
  while (slots_[free].hash != 0) free = after(free);
  slots_[free] = slot;
}

void NameIndex::grow() {
  const std::vector<Slot> before = std::exchange(slots_, std::vector<Slot>(slots_.size() * 2));
  for (const Slot& slot : before)
    if (slot.hash != 0) put(slot);
}

}  // namespace epmd
