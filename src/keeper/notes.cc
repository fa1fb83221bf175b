#include "keeper/notes.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>

namespace keeper {
namespace {

off_t offset_of(uint32_t place) {
  return static_cast<off_t>(Notes::begin + place * Notes::bytes_max);
}

bool write_all(int descriptor, std::string_view text, off_t at) {
  while (!text.empty()) {
    const ssize_t count = pwrite(descriptor, text.data(), text.size(), at);
    if (count <= 0) return false;
    text.remove_prefix(static_cast<size_t>(count));
    at += count;
  }
  return true;
}

}  // namespace

/// What stands in the State may be of another program, or torn.
std::string Notes::read() const {
  if (places_.current > 1) return {};
  const uint64_t bytes = places_.bytes[places_.current];
  if (bytes > bytes_max) return {};
  std::string text(bytes, '\0');
  const ssize_t count = pread(descriptor_, text.data(), text.size(), offset_of(places_.current));
  return count == static_cast<ssize_t>(text.size()) ? text : std::string();
}

bool Notes::write(std::string_view text) {
  const uint32_t before = places_.current == 0 ? 0 : 1;
  const uint32_t place = 1 - before;
  if (text.size() > bytes_max || !write_all(descriptor_, text, offset_of(place))) {
    release(place);
    return false;
  }
  places_.bytes[place] = text.size();
  // What was written before is there when the place is told.
  std::atomic_signal_fence(std::memory_order_seq_cst);
  std::atomic_ref(places_.current).store(place, std::memory_order_release);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  release(before);
  return true;
}

/// Gives the memory back.
void Notes::release(uint32_t place) const {
  fallocate(descriptor_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset_of(place),
            static_cast<off_t>(bytes_max));
}

}  // namespace keeper
