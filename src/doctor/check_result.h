#pragma once

#include <string>
#include <utility>

namespace doctor {

/// What a look at one thing on the way to a node has found, in words for whoever has to mend it.
struct CheckResult {
  enum class Mark {
    ok,
    unclear,  // nothing is wrong that can be seen from here; whether all is well cannot be seen
    broken,
  };
  Mark mark = Mark::ok;
  /// In one line.
  std::string found = {};
  /// If it is broken: what that means, and what to do.
  std::string meaning = {};
  std::string remedy = {};

  bool is_broken() const { return mark == Mark::broken; }
};

inline CheckResult well(std::string found) {
  return {CheckResult::Mark::ok, std::move(found), {}, {}};
}
inline CheckResult unclear(std::string found) {
  return {CheckResult::Mark::unclear, std::move(found), {}, {}};
}
inline CheckResult broken(std::string found, std::string meaning, std::string remedy) {
  return {CheckResult::Mark::broken, std::move(found), std::move(meaning), std::move(remedy)};
}

}  // namespace doctor
