#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "keeper/state.h"

namespace keeper {

/// A text that outlives a server, in the memfd of the names and behind them: the last that was
/// written whole. A crash while one is written leaves the one before.
class Notes {
 public:
  /// Where they begin in the memfd, which takes only the memory that is written to.
  static constexpr size_t begin = size_t{256} << 20;
  static constexpr size_t bytes_max = size_t{64} << 20;

  /// `descriptor` and the State in it are the caller's, and outlive this.
  Notes(int descriptor, State& state) : descriptor_(descriptor), places_(state.notes) {}

  /// Empty: nothing was written.
  std::string read() const;
  /// False: there is no memory for it, or it is too long. What was written before stays.
  [[nodiscard]] bool write(std::string_view text);
  void clear() { places_.bytes = {}; }

 private:
  void release(uint32_t place) const;

  int descriptor_;
  NotesPlaces& places_;
};

}  // namespace keeper
