#include "keeper/journal.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace keeper {
namespace {

/// The memory itself, once what is in it can be read.
Memory& prepared(Memory& memory) {
  State* const state = reinterpret_cast<State*>(memory.head());
  if (state->format == State::format_now) return memory;
  std::fill(memory.bytes().begin(), memory.bytes().end(), std::byte{0});
  (new (state) State)->bytes = memory.bytes().size();
  return memory;
}

}  // namespace

Journal::Journal(Memory& memory) : memory_(memory), records_(prepared(memory)) {}

State& Journal::state() const { return *reinterpret_cast<State*>(memory_.head()); }

bool Journal::registered(int descriptor, uint64_t cookie, uint32_t creation,
                         const epmd::Node& node) {
  const auto number = records_.put({cookie, ++sequence_, creation, node});
  if (number) note(descriptor, *number);
  return number.has_value();
}

std::vector<int> Journal::descriptors() const {
  std::vector<int> found;
  for (size_t slot = 0; slot < by_descriptor_.size(); ++slot)
    if (by_descriptor_[slot] != 0) found.push_back(static_cast<int>(slot));
  return found;
}

void Journal::unregistered(int descriptor) {
  if (is_closed_) return;
  const auto slot = static_cast<size_t>(descriptor);
  if (slot >= by_descriptor_.size() || by_descriptor_[slot] == 0) return;
  records_.free(by_descriptor_[slot] - 1);
  by_descriptor_[slot] = 0;
}

void Journal::keep(const Records::Numbered& record, int descriptor) {
  sequence_ = std::max(sequence_, record.record.sequence);
  note(descriptor, record.number);
}

size_t Journal::clear() {
  const std::vector<Records::Numbered> all = records_.all();
  for (const Records::Numbered& each : all) records_.free(each.number);
  by_descriptor_.clear();
  state().request.descriptor = -1;
  return all.size();
}

void Journal::note(int descriptor, Records::Number number) {
  const auto slot = static_cast<size_t>(descriptor);
  if (slot >= by_descriptor_.size()) by_descriptor_.resize(slot + slot / 2 + 16);
  by_descriptor_[slot] = number + 1;
}

}  // namespace keeper
