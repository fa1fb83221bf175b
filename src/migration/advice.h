#pragma once

#include <string>
#include <vector>

#include "migration/looking.h"

namespace migration {

/// What to do with the lines of a step.
enum class Where {
  shell,       // type them, as root
  dockerfile,  // write them into the image's Dockerfile
};

struct Step {
  /// What the lines are for, in one line.
  std::string purpose = {};
  Where where = Where::shell;
  std::vector<std::string> lines = {};
};

/// How to come from an EPMD to Portolan.
struct Advice {
  /// How the EPMD is started now, in one line.
  std::string start = {};
  /// Empty: there is nothing to do.
  std::vector<Step> steps = {};
  std::vector<std::string> notes = {};
  /// What undoes the steps.
  std::vector<std::string> way_back = {};
};

/// What has to be done on this host, by the way in which its EPMD is started. Without effects.
Advice advise(const Host& host, const RunningEpmd& epmd);

}  // namespace migration
