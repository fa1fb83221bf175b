#pragma once

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "tls/session.h"

/// Certificates that a test makes for itself, and the other side of a session.
namespace tls::world {

template <auto free_it>
struct Free {
  template <typename Thing>
  void operator()(Thing* thing) const {
    free_it(thing);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Cert = std::unique_ptr<X509, Free<X509_free>>;

struct Issued {
  Key key;
  Cert certificate;
};

constexpr long day = 24 * 60 * 60;

inline void add_extension(X509* certificate, int kind, const std::string& value) {
  const std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str()));
  X509_add_ext(certificate, extension.get(), -1);
}

/// `alternatives` in OpenSSL's words, such as "DNS:web"; empty: none. Signed by its own key if
/// there is no `issuer`.
inline Issued issue(const std::string& name, const std::string& alternatives, const Issued* issuer,
                    long ends_in = day, Key key = Key(EVP_EC_gen("P-256"))) {
  Issued made = {std::move(key), Cert(X509_new())};
  X509* const certificate = made.certificate.get();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), issuer ? 2 : 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -2 * day);
  X509_gmtime_adj(X509_getm_notAfter(certificate), ends_in);
  X509_set_pubkey(certificate, made.key.get());
  X509_NAME* const subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate,
                       issuer ? X509_get_subject_name(issuer->certificate.get()) : subject);
  if (!issuer) add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
  if (!alternatives.empty()) add_extension(certificate, NID_subject_alt_name, alternatives);
  X509_sign(certificate, issuer ? issuer->key.get() : made.key.get(), EVP_sha256());
  return made;
}

/// A folder of files for Settings, which goes with it.
class Folder {
 public:
  Folder() {
    std::string name = std::filesystem::temp_directory_path() / "tls-XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string path(const std::string& name) const { return path_ + "/" + name; }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::trunc) << text;
    return path(name);
  }
  std::string write(const std::string& name, X509* certificate) const {
    return write_pem(name, [&](BIO* bio) { PEM_write_bio_X509(bio, certificate); });
  }
  std::string write(const std::string& name, EVP_PKEY* key, const char* password = nullptr) const {
    return write_pem(name, [&](BIO* bio) {
      PEM_write_bio_PrivateKey(bio, key, password ? EVP_aes_128_cbc() : nullptr, nullptr, 0,
                               nullptr, const_cast<char*>(password));
    });
  }

 private:
  template <typename Write>
  std::string write_pem(const std::string& name, Write write_it) const {
    const std::unique_ptr<BIO, Free<BIO_free_all>> bio(BIO_new_file(path(name).c_str(), "w"));
    write_it(bio.get());
    return path(name);
  }

  std::string path_;
};

/// The server's side, in memory.
class Server {
 public:
  struct Wants {
    int version = TLS1_3_VERSION;
    /// Whose certificates it asks clients for; null: it asks for none.
    const Issued* authority = nullptr;
  };

  Server(const Issued& own, const Wants& wants) : context_(SSL_CTX_new(TLS_server_method())) {
    SSL_CTX_use_certificate(context_.get(), own.certificate.get());
    SSL_CTX_use_PrivateKey(context_.get(), own.key.get());
    SSL_CTX_set_min_proto_version(context_.get(), wants.version);
    SSL_CTX_set_max_proto_version(context_.get(), wants.version);
    if (wants.authority) {
      X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()),
                          wants.authority->certificate.get());
      SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                         nullptr);
    }
    session_.reset(SSL_new(context_.get()));
    SSL_set_bio(session_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(session_.get());
  }

  /// What it answers to these bytes.
  std::string answer(std::string_view bytes) {
    BIO_write(SSL_get_rbio(session_.get()), bytes.data(), static_cast<int>(bytes.size()));
    char buffer[4096];
    int count = 0;
    while ((count = SSL_read(session_.get(), buffer, sizeof buffer)) > 0)
      heard_.append(buffer, static_cast<size_t>(count));
    if (SSL_get_error(session_.get(), count) == SSL_ERROR_SSL) has_failed_ = true;
    if (SSL_get_error(session_.get(), count) == SSL_ERROR_ZERO_RETURN) has_heard_end_ = true;
    return take();
  }
  std::string say(std::string_view plain) {
    SSL_write(session_.get(), plain.data(), static_cast<int>(plain.size()));
    return take();
  }
  std::string say_end() {
    SSL_shutdown(session_.get());
    return take();
  }

  const std::string& heard() const { return heard_; }
  bool has_failed() const { return has_failed_; }
  bool has_heard_end() const { return has_heard_end_; }
  bool has_certificate() const { return SSL_get0_peer_certificate(session_.get()) != nullptr; }
  std::string name() const {
    const char* const name = SSL_get_servername(session_.get(), TLSEXT_NAMETYPE_host_name);
    return name ? name : "";
  }

 private:
  std::string take() {
    std::string bytes(BIO_ctrl_pending(SSL_get_wbio(session_.get())), '\0');
    if (!bytes.empty())
      BIO_read(SSL_get_wbio(session_.get()), bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
  }

  std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>> context_;
  std::unique_ptr<SSL, Free<SSL_free>> session_;
  std::string heard_ = {};
  bool has_failed_ = false;
  bool has_heard_end_ = false;
};

/// Carries bytes, so many at a time, until neither says anything.
inline void talk(Session& client, Server& server, size_t step = 1 << 16) {
  for (std::string bytes = client.take_outgoing(); !bytes.empty(); bytes = client.take_outgoing()) {
    const std::string answer = server.answer(bytes);
    for (size_t at = 0; at < answer.size(); at += step) client.receive(answer.substr(at, step));
  }
}

}  // namespace tls::world
