#include "dns/version.h"

#include <ares.h>

namespace dns {

std::string cares_version() { return ares_version(nullptr); }

}  // namespace dns
