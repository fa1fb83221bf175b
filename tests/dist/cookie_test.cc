#include "dist/cookie.h"

#include <string>

#include "catch.h"

namespace {

std::string hex(const dist::Digest& digest) {
  std::string text;
  for (const char each : digest) {
    constexpr const char* digits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(each);
    text += {digits[byte >> 4], digits[byte & 15]};
  }
  return text;
}

}  // namespace

TEST_CASE("the proof is the MD5 of the cookie and the challenge in decimal") {
  // erlang:md5("SECRET" ++ integer_to_list(Challenge))
  CHECK(hex(dist::Cookie("SECRET").answer(0)) == "0a3f11f348767e1733c6a385cf87440e");
  CHECK(hex(dist::Cookie("SECRET").answer(4294967295)) == "f335ffb3b43b205ab67645d9cbd55727");
  CHECK(hex(dist::Cookie(std::string(255, 'x')).answer(16909060)) ==
        "d702ce199ddbe7e6ada8344ccf4c7a84");
}

TEST_CASE("a cookie that was moved answers as before") {
  dist::Cookie cookie("SECRET");
  const dist::Digest before = cookie.answer(1);
  const dist::Cookie moved = std::move(cookie);
  CHECK(moved.answer(1) == before);
}
