#pragma once

#include <chrono>
#include <optional>
#include <vector>

namespace keeper {

/// How often a server may crash.
class CrashLimit {
 public:
  using Time = std::chrono::milliseconds;
  enum class Next {
    keep_names,  // make the next server, with the names
    let_go,      // make it without them: they may be what it crashes of
    give_up,
  };

  static constexpr size_t crashes_max = 3;
  static constexpr Time within = std::chrono::seconds(10);

  /// What to do after a crash at this time.
  Next note(Time now);

 private:
  std::vector<Time> crashes_ = {};
  std::optional<Time> let_go_ = {};
};

}  // namespace keeper
