#include "tls/certificate.h"

#include <arpa/inet.h>
#include <fmt/core.h>

#include <array>
#include <memory>
#include <string_view>

namespace tls {
namespace {

/// More would only be more of the same.
constexpr int hosts_max = 32;
constexpr size_t text_bytes_max = 256;

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, text_bytes_max))
    out += c >= ' ' && c <= '~' ? std::string(1, c)
                                : fmt::format("\\x{:02X}", static_cast<unsigned char>(c));
  return out;
}

std::string name_text(const OpenSsl& ssl, const X509_NAME* name) {
  std::array<char, text_bytes_max> text = {};
  ssl.X509_NAME_oneline(name, text.data(), static_cast<int>(text.size()));
  return printable(text.data());
}

std::time_t time_of(const OpenSsl& ssl, const ASN1_TIME* time) {
  std::tm parts = {};
  return time && ssl.ASN1_TIME_to_tm(time, &parts) == 1 ? timegm(&parts) : 0;
}

std::string address_text(std::string_view bytes) {
  std::array<char, INET6_ADDRSTRLEN> text = {};
  const int family = bytes.size() == sizeof(in_addr) ? AF_INET : AF_INET6;
  const bool is_address = family == AF_INET || bytes.size() == sizeof(in6_addr);
  if (!is_address) return "an address of another kind";
  return inet_ntop(family, bytes.data(), text.data(), text.size());
}

std::string host_text(const OpenSsl& ssl, const GENERAL_NAME* name) {
  int kind = 0;
  const auto* const value =
      static_cast<const ASN1_STRING*>(ssl.GENERAL_NAME_get0_value(name, &kind));
  if (kind != GEN_DNS && kind != GEN_IPADD) return {};
  const std::string_view bytes(
      reinterpret_cast<const char*>(ssl.ASN1_STRING_get0_data(value)),  // NOLINT: its bytes
      static_cast<size_t>(ssl.ASN1_STRING_length(value)));
  return kind == GEN_DNS ? printable(bytes) : address_text(bytes);
}

std::vector<std::string> hosts_of(const OpenSsl& ssl, X509* certificate) {
  const std::unique_ptr<GENERAL_NAMES, decltype(ssl.GENERAL_NAMES_free)> names(
      static_cast<GENERAL_NAMES*>(
          ssl.X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      ssl.GENERAL_NAMES_free);
  std::vector<std::string> hosts;
  const auto* const stack = ossl_check_const_GENERAL_NAME_sk_type(names.get());
  const int count = names ? ssl.OPENSSL_sk_num(stack) : 0;
  for (int at = 0; at < count && at < hosts_max; ++at) {
    const auto* const name = static_cast<const GENERAL_NAME*>(ssl.OPENSSL_sk_value(stack, at));
    if (std::string host = host_text(ssl, name); !host.empty()) hosts.push_back(std::move(host));
  }
  return hosts;
}

}  // namespace

Certificate read_certificate(const OpenSsl& ssl, X509* certificate) {
  return {name_text(ssl, ssl.X509_get_subject_name(certificate)),
          name_text(ssl, ssl.X509_get_issuer_name(certificate)), hosts_of(ssl, certificate),
          time_of(ssl, ssl.X509_get0_notBefore(certificate)),
          time_of(ssl, ssl.X509_get0_notAfter(certificate))};
}

}  // namespace tls
