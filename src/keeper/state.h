#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "epmd/request_slot.h"
#include "process/command_record.h"

namespace keeper {

/// How often the daemon has been restarted, and what became of its names.
struct Totals {
  uint64_t restarts = 0;
  uint64_t names_kept = 0;
  uint64_t names_lost = 0;
};

/// Where the Notes are: of two places the one that was written last. The other is empty.
struct NotesPlaces {
  std::array<uint64_t, 2> bytes = {};
  uint32_t current = 0;
};

/// What stands at the beginning of the Memory. Blocks of records follow.
struct State {
  /// Changes with the layout, so that no program reads what another has written differently.
  static constexpr uint64_t format_now = 0x706f72746f6c0004;

  uint64_t format = format_now;
  /// Of this and of the records.
  uint64_t bytes = 0;
  Totals totals = {};
  epmd::RequestSlot request = {};
  /// The keeper's last question that the server has answered (Watchdog).
  uint64_t answered = 0;
  /// Of `run`.
  process::CommandRecord command = {};
  NotesPlaces notes = {};
};

inline constexpr size_t state_bytes = 4096;
static_assert(sizeof(State) <= state_bytes && std::is_trivially_copyable_v<State>);

}  // namespace keeper
