#pragma once

#include <string>

namespace event {

/// Of the library with which the program runs.
std::string libuv_version();

}  // namespace event
