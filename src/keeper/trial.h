#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <utility>

#include "base/result.h"
#include "event/descriptor.h"
#include "keeper/handover.h"
#include "keeper/program.h"

namespace keeper {

/// The word that a program on trial is started with, before all others: it is to say whether it
/// could go on in our place, and to end. One that does not know the word refuses it, and ends too.
inline constexpr const char* trial_word = "try-handover";

/// A new program says whether it could go on in our place. It is our child, and is reaped by
/// whoever reaps our children.
class Trial {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds longest{10};

  /// It gets copies of all our descriptors. An error says why there is no such program.
  static base::Result<Trial> start(const Program& program, const Handover& handover);

  pid_t process() const { return process_; }
  int descriptor() const { return complaints_.get(); }
  /// It stays open.
  void release() { complaints_.release(); }
  /// When it has taken too long.
  Time deadline() const { return deadline_; }
  void kill() const;
  /// Once it has ended with this status (waitpid): why it cannot go on. Empty: it can.
  std::string refusal(int status) const;

 private:
  Trial(pid_t process, event::Descriptor complaints)
      : process_(process), complaints_(std::move(complaints)) {}

  pid_t process_;
  /// What it writes to its standard error.
  event::Descriptor complaints_;
  Time deadline_ = std::chrono::steady_clock::now() + longest;
};

}  // namespace keeper
