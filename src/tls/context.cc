#include "tls/context.h"

#include <algorithm>
#include <string>

namespace tls {
namespace {

/// Without one, OpenSSL would ask at the terminal.
int give_password(char* buffer, int size, int /*is_for_writing*/, void* password) {
  const auto& text = *static_cast<const std::string*>(password);
  const size_t count = std::min(text.size(), static_cast<size_t>(size));
  std::copy_n(text.begin(), count, buffer);
  return static_cast<int>(count);
}

}  // namespace

base::Result<std::shared_ptr<const Context>> Context::create(const Settings& settings) {
  const auto ssl = tls::openssl();
  if (!ssl) return ssl.error();
  std::shared_ptr<Context> context(new Context(**ssl, settings));
  if (!context->context_) return base::Error{"OpenSSL: " + take_error(**ssl)};
  if (const auto read = context->read_files(); !read) return read.error();
  return std::shared_ptr<const Context>(std::move(context));
}

/// That a certificate is verified is not left to OpenSSL, which would send the node an alert that
/// it logs: Session looks at the result.
Context::Context(const OpenSsl& ssl, const Settings& settings)
    : ssl_(ssl), settings_(settings), context_(ssl.SSL_CTX_new(ssl.TLS_client_method())) {
  if (!context_) return;
  ssl_.SSL_CTX_ctrl(context_, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_2_VERSION, nullptr);
  ssl_.SSL_CTX_ctrl(context_, SSL_CTRL_MODE, SSL_MODE_RELEASE_BUFFERS, nullptr);
  ssl_.SSL_CTX_set_verify(context_, SSL_VERIFY_NONE, nullptr);
  ssl_.SSL_CTX_set_verify_depth(context_, settings_.depth);
  ssl_.SSL_CTX_set_default_passwd_cb(context_, give_password);
  ssl_.SSL_CTX_set_default_passwd_cb_userdata(context_, &settings_.password);
}

Context::~Context() { ssl_.SSL_CTX_free(context_); }

base::Result<base::Done> Context::read_files() {
  const std::string& certificate = settings_.certificate_file;
  const std::string& key = settings_.key_file.empty() ? certificate : settings_.key_file;
  const std::string& authorities = settings_.authorities_file;
  ssl_.ERR_clear_error();
  if (!certificate.empty() &&
      ssl_.SSL_CTX_use_certificate_chain_file(context_, certificate.c_str()) != 1)
    return error("certificate", certificate);
  if (!key.empty() &&
      ssl_.SSL_CTX_use_PrivateKey_file(context_, key.c_str(), SSL_FILETYPE_PEM) != 1)
    return error("key", key);
  if (!authorities.empty() && ssl_.SSL_CTX_load_verify_file(context_, authorities.c_str()) != 1)
    return error("authorities", authorities);
  return base::Done{};
}

base::Error Context::error(const char* what, const std::string& file) const {
  return {"cannot use the " + std::string(what) + " of TLS in '" + file + "': " + take_error(ssl_)};
}

}  // namespace tls
