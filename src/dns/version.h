#pragma once

#include <string>

namespace dns {

/// Of the library with which the program runs.
std::string cares_version();

}  // namespace dns
