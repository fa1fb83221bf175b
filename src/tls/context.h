#pragma once

#include <memory>

#include "base/result.h"
#include "tls/openssl.h"
#include "tls/settings.h"

namespace tls {

/// Certificate, key and authorities, as they were when it was made. Its sessions share it.
class Context {
 public:
  /// An error says which file cannot be used, and why.
  static base::Result<std::shared_ptr<const Context>> create(const Settings& settings);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  const OpenSsl& openssl() const { return ssl_; }
  const Settings& settings() const { return settings_; }
  SSL_CTX* get() const { return context_; }

 private:
  Context(const OpenSsl& ssl, const Settings& settings);
  base::Result<base::Done> read_files();
  base::Error error(const char* what, const std::string& file) const;

  const OpenSsl& ssl_;
  Settings settings_;
  SSL_CTX* context_;
};

}  // namespace tls
