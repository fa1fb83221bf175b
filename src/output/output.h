#pragma once

#include "discovery/discovery.h"

namespace output {

/// Somebody who is told what discovery finds. Told after every round, changes or none, so that
/// what could not be delivered at one round is delivered at the next. Never fails: it logs.
class Output {
 public:
  Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  virtual ~Output() = default;
  virtual void tell(const discovery::Report& report) = 0;
};

}  // namespace output
