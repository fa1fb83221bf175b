#include "http/version.h"

#include <algorithm>
#include <boost/version.hpp>

namespace http {

/// "1_74": Boost's own form.
std::string boost_version() {
  std::string version = BOOST_LIB_VERSION;
  std::replace(version.begin(), version.end(), '_', '.');
  return version;
}

}  // namespace http
