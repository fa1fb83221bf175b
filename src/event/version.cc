#include "event/version.h"

#include <uv.h>

namespace event {

std::string libuv_version() { return uv_version_string(); }

}  // namespace event
