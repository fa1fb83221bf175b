#pragma once

#include <string>

namespace http {

/// Of the headers with which the program was built.
std::string boost_version();

}  // namespace http
