#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/check_result.h"
#include "outputs/member_json.h"

namespace doctor {

/// One look of the doctor's.
struct Step {
  std::string name = {};
  CheckResult result = {};
  std::chrono::microseconds took = {};
};

/// A line, and two more if it is broken: what that means, and what to do.
std::string to_text(const Step& step);
outputs::Json to_json(const Step& step);

/// The looks that were taken, one after the other.
class Steps {
 public:
  using OnTaken = std::function<void(const Step&)>;

  /// Each is told at once: some take seconds.
  explicit Steps(OnTaken on_taken) : on_taken_(std::move(on_taken)) {}

  /// Looks, and takes the time. False if what it found is broken.
  bool take(std::string_view name, const std::function<CheckResult()>& look);
  const std::vector<Step>& taken() const { return taken_; }
  /// The first that is broken; nullptr if none is.
  const Step* failed() const;

 private:
  OnTaken on_taken_;
  std::vector<Step> taken_ = {};
};

}  // namespace doctor
