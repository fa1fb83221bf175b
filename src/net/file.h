#pragma once

#include <string>

#include "base/result.h"

namespace net {

/// A file's text, up to 16 MiB. Empty if there is no such file; the error has the system's number.
base::Result<std::string> read_file(const std::string& path);

}  // namespace net
