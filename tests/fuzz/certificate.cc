// What a stranger's certificate says is printable and bounded.

#include "tls/certificate.h"

#include <algorithm>
#include <memory>

#include "fuzz/demand.h"

namespace {

bool is_printable(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const tls::OpenSsl* const ssl = *tls::openssl();
  const unsigned char* at = data;
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      d2i_X509(nullptr, &at, static_cast<long>(size)), X509_free);
  if (!certificate) return 0;
  constexpr size_t text_bytes_max = 4 * 256;
  const tls::Certificate read = tls::read_certificate(*ssl, certificate.get());
  DEMAND(is_printable(read.subject) && read.subject.size() <= text_bytes_max);
  DEMAND(is_printable(read.issuer) && read.issuer.size() <= text_bytes_max);
  DEMAND(read.hosts.size() <= 32);
  for (const std::string& host : read.hosts)
    DEMAND(is_printable(host) && host.size() <= text_bytes_max);
  return 0;
}
