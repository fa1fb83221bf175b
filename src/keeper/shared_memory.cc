#include "keeper/shared_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>

#include "base/system_error.h"
#include "keeper/notes.h"
#include "keeper/state.h"

namespace keeper {
namespace {

/// Takes the memory now: what is only mapped would fail, when it is written to, with a signal.
bool allocate(int descriptor, size_t bytes) {
  return fallocate(descriptor, 0, 0, static_cast<off_t>(bytes)) == 0;
}

/// Null, and errno: it cannot be mapped.
std::byte* map_first(int descriptor, size_t bytes) {
  constexpr int flags = MAP_SHARED | MAP_POPULATE;  // all of it is read at once
  void* const mapped = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, descriptor, 0);
  return mapped == MAP_FAILED ? nullptr : static_cast<std::byte*>(mapped);
}

/// Not beyond the end of the file: to read there would be our end.
size_t bytes_in(int descriptor, const State& state) {
  struct stat status = {};
  if (fstat(descriptor, &status) != 0) return state_bytes;
  const auto there = std::min(static_cast<uint64_t>(status.st_size), uint64_t{Notes::begin});
  return std::clamp(state.bytes, uint64_t{state_bytes}, std::max(there, uint64_t{state_bytes}));
}

}  // namespace

State* map_state(int descriptor) {
  return reinterpret_cast<State*>(map_first(descriptor, state_bytes));
}

base::Result<event::Descriptor> SharedMemory::create() {
  event::Descriptor made(memfd_create("portolan-names", MFD_CLOEXEC));
  if (!made.is_open()) return base::system_error("memfd_create");
  if (!allocate(made.get(), state_bytes)) return base::system_error("fallocate");
  State* const state = map_state(made.get());
  if (!state) return base::system_error("mmap");
  state->bytes = state_bytes;
  munmap(state, state_bytes);
  return made;
}

bool SharedMemory::is_known(int descriptor) {
  uint64_t format = 0;
  static_assert(offsetof(State, format) == 0);
  return pread(descriptor, &format, sizeof format, 0) == sizeof format &&
         format == State::format_now;
}

base::Result<std::unique_ptr<SharedMemory>> SharedMemory::map(int descriptor) {
  std::byte* const head = map_first(descriptor, state_bytes);
  if (!head) return base::system_error("mmap");
  const size_t bytes = bytes_in(descriptor, *reinterpret_cast<const State*>(head));
  std::byte* const all = map_first(descriptor, bytes);
  if (!all) return base::system_error("mmap");
  return std::unique_ptr<SharedMemory>(new SharedMemory(descriptor, head, {all, bytes}));
}

SharedMemory::~SharedMemory() {
  munmap(head_, state_bytes);
  munmap(bytes_.data(), bytes_.size());
}

bool SharedMemory::grow(size_t bytes) {
  if (bytes <= bytes_.size()) return true;
  if (bytes > Notes::begin) return false;
  if (!allocate(descriptor_, bytes)) return false;
  void* const mapped = mremap(bytes_.data(), bytes_.size(), bytes, MREMAP_MAYMOVE);
  if (mapped == MAP_FAILED) return false;
  bytes_ = {static_cast<std::byte*>(mapped), bytes};
  reinterpret_cast<State*>(head_)->bytes = bytes;
  return true;
}

}  // namespace keeper
