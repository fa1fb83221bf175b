#pragma once

#include <string>

namespace logging {

/// Of the library with which the program was built.
std::string spdlog_version();

}  // namespace logging
