#include "tls/openssl.h"

#include <dlfcn.h>

#include <cstring>
#include <string>

namespace tls {
namespace {

#ifdef PORTOLAN_STATIC

base::Result<OpenSsl> load() {
#define PORTOLAN_OPENSSL_ADDRESS(function) &::function,
  return OpenSsl{PORTOLAN_OPENSSL_FUNCTIONS(PORTOLAN_OPENSSL_ADDRESS)};
#undef PORTOLAN_OPENSSL_ADDRESS
}

#else

template <typename Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));  // NOLINT: what dlsym is for
  return function != nullptr;
}

/// Of the version that this was compiled for. It is never unloaded.
base::Result<OpenSsl> load() {
  const std::string file = "libssl.so." + std::to_string(OPENSSL_SHLIB_VERSION);
  void* const library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return base::Error{"TLS needs OpenSSL, which cannot be loaded: " + std::string(dlerror()) +
                       "; install the package libssl" + std::to_string(OPENSSL_SHLIB_VERSION)};
  OpenSsl ssl;
#define PORTOLAN_OPENSSL_FIND(function) \
  if (!find(library, #function, ssl.function)) return base::Error{file + " lacks " #function};
  PORTOLAN_OPENSSL_FUNCTIONS(PORTOLAN_OPENSSL_FIND)
#undef PORTOLAN_OPENSSL_FIND
  return ssl;
}

#endif

}  // namespace

base::Result<const OpenSsl*> openssl() {
  static const base::Result<OpenSsl> loaded = load();
  if (!loaded) return loaded.error();
  return &*loaded;
}

std::string take_error(const OpenSsl& ssl) {
  const unsigned long code = ssl.ERR_get_error();
  ssl.ERR_clear_error();
  if (ERR_SYSTEM_ERROR(code)) return std::strerror(ERR_GET_REASON(code));
  const char* const reason = ssl.ERR_reason_error_string(code);
  return reason ? reason : "error " + std::to_string(code) + " of OpenSSL";
}

}  // namespace tls
