#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace outputs {

/// Puts a text in a file's place: written beside it, brought to the disk, then renamed over it, so
/// that whoever reads sees the old text or the new one. The file keeps its permissions, and its
/// owner if we may give files away. Where it cannot be renamed over, because it is mounted there,
/// it is written where it is.
base::Result<base::Done> replace_file(const std::string& path, std::string_view text);

}  // namespace outputs
