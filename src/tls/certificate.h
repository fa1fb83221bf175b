#pragma once

#include <ctime>
#include <string>
#include <vector>

#include "tls/openssl.h"

namespace tls {

/// What a certificate says, for those who look. It is what a stranger wrote, with everything that
/// is not printable escaped.
struct Certificate {
  std::string subject = {};
  std::string issuer = {};
  /// The hosts that it is for: DNS names and addresses.
  std::vector<std::string> hosts = {};
  std::time_t begins = 0;  // seconds since 1970; 0: it does not say
  std::time_t ends = 0;
};

Certificate read_certificate(const OpenSsl& ssl, X509* certificate);

}  // namespace tls
