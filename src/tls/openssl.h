#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <string>

#include "base/result.h"

namespace tls {

/// The functions of OpenSSL that this room uses, by their own names.
#define PORTOLAN_OPENSSL_FUNCTIONS(each)                                                           \
  each(TLS_client_method) each(SSL_CTX_new) each(SSL_CTX_free) each(SSL_CTX_ctrl)                  \
      each(SSL_CTX_set_verify) each(SSL_CTX_set_verify_depth) each(SSL_CTX_load_verify_file) each( \
          SSL_CTX_use_certificate_chain_file) each(SSL_CTX_use_PrivateKey_file)                    \
          each(SSL_CTX_set_default_passwd_cb) each(SSL_CTX_set_default_passwd_cb_userdata) each(   \
              SSL_new) each(SSL_free) each(SSL_ctrl) each(SSL_set_bio) each(SSL_set_connect_state) \
              each(SSL_set_cert_cb) each(SSL_do_handshake) each(SSL_read) each(SSL_write)          \
                  each(SSL_shutdown) each(SSL_get_error) each(SSL_get_version)                     \
                      each(SSL_get_verify_result) each(SSL_get1_peer_certificate) each(BIO_new)    \
                          each(BIO_s_mem) each(BIO_read) each(BIO_write) each(BIO_ctrl_pending)    \
                              each(ERR_clear_error) each(ERR_get_error) each(ERR_peek_error) each( \
                                  ERR_reason_error_string) each(X509_free) each(X509_check_host)   \
                                  each(X509_check_ip_asc) each(X509_get_subject_name)              \
                                      each(X509_get_issuer_name) each(X509_NAME_oneline)           \
                                          each(X509_get0_notBefore) each(X509_get0_notAfter)       \
                                              each(X509_verify_cert_error_string)                  \
                                                  each(X509_get_ext_d2i) each(GENERAL_NAMES_free)  \
                                                      each(GENERAL_NAME_get0_value)                \
                                                          each(OPENSSL_sk_num)                     \
                                                              each(OPENSSL_sk_value)               \
                                                                  each(ASN1_STRING_get0_data)      \
                                                                      each(ASN1_STRING_length)     \
                                                                          each(ASN1_TIME_to_tm)    \
                                                                              each(CRYPTO_free)

/// OpenSSL, as far as it is needed here. Few use TLS, and loading the library would double the time
/// that each start of the program takes (docs/decisions/095): it is loaded when it is first asked
/// for. Where everything is linked statically it is just there.
struct OpenSsl {
#define PORTOLAN_OPENSSL_MEMBER(function) decltype(&::function) function = nullptr;
  PORTOLAN_OPENSSL_FUNCTIONS(PORTOLAN_OPENSSL_MEMBER)
#undef PORTOLAN_OPENSSL_MEMBER
};

/// It stays for as long as the process. An error: it is not installed.
base::Result<const OpenSsl*> openssl();

/// Of the oldest error that OpenSSL remembers, in its words; the rest is forgotten.
std::string take_error(const OpenSsl& ssl);

}  // namespace tls
