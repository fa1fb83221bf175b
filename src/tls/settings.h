#pragma once

#include <string>

namespace tls {

/// What a TLS client is told, with the meanings of OTP's `client` options in ssl_dist.conf. All
/// files are PEM; an empty name: none is used.
struct Settings {
  std::string certificate_file = {};
  std::string key_file = {};  // empty: in the certificate's file
  std::string password = {};  // of the key; empty: it has none
  std::string authorities_file = {};
  /// Whether the other side's certificate has to be from the authorities, and for its host.
  bool verifies = true;
  bool checks_host = true;
  /// How many certificates may be between the other side's and an authority's; OTP's default.
  int depth = 10;
};

}  // namespace tls
