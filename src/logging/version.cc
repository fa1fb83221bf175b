#include "logging/version.h"

#include <fmt/core.h>
#include <spdlog/version.h>

namespace logging {

std::string spdlog_version() {
  return fmt::format("{}.{}.{}", SPDLOG_VER_MAJOR, SPDLOG_VER_MINOR, SPDLOG_VER_PATCH);
}

}  // namespace logging
