#pragma once

#include <string>
#include <utility>

namespace doctor {

/// What a look at one thing on the way to a node has found, in words for whoever has to mend it.
struct CheckResult {
  enum class Mark {
    ok,
    unknown,  // nothing is wrong that can be seen from here; whether all is well cannot be seen
    failed,
  };
  Mark mark = Mark::ok;
  /// In one line.
  std::string found = {};
  /// If it is broken: what that means, and what to do.
  std::string meaning = {};
  std::string remedy = {};

  bool has_failed() const { return mark == Mark::failed; }
};

inline CheckResult ok(std::string found) {
  return {CheckResult::Mark::ok, std::move(found), {}, {}};
}
inline CheckResult unknown(std::string found) {
  return {CheckResult::Mark::unknown, std::move(found), {}, {}};
}
inline CheckResult failed(std::string found, std::string meaning, std::string remedy) {
  return {CheckResult::Mark::failed, std::move(found), std::move(meaning), std::move(remedy)};
}

}  // namespace doctor
