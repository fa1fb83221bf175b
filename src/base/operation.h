#pragma once

#include <memory>

namespace base {

/// Something that was begun and will call back once. Holding it means wanting the answer:
/// destroyed, its callback is never called. Whoever implements one moves the callback out before
/// calling it, so that it may destroy the operation it came from, and never calls back from
/// inside the call that began it.
class Operation {
 public:
  Operation() = default;
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;
  virtual ~Operation() = default;
};

using Pending = std::unique_ptr<Operation>;

}  // namespace base
