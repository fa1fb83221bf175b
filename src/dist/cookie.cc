#include "dist/cookie.h"

#include <md5.h>

#include <cstring>
#include <string>

namespace dist {
namespace {

void feed(MD5_CTX& md5, const char* bytes, size_t count) {
  MD5Update(&md5, reinterpret_cast<const uint8_t*>(bytes), count);
}

}  // namespace

Cookie::~Cookie() {
  if (!text_.empty()) explicit_bzero(text_.data(), text_.size());
}

Digest Cookie::answer(uint32_t challenge) const {
  const std::string digits = std::to_string(challenge);
  MD5_CTX md5;
  MD5Init(&md5);
  feed(md5, text_.data(), text_.size());
  feed(md5, digits.data(), digits.size());
  Digest digest = {};
  MD5Final(reinterpret_cast<uint8_t*>(digest.data()), &md5);
  explicit_bzero(&md5, sizeof md5);
  return digest;
}

}  // namespace dist
