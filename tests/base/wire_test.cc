#include "base/wire.h"

#include "catch.h"
#include "seeds.h"

using namespace std::string_literals;
using namespace std::string_view_literals;
using base::WireReader;

TEST_CASE("numbers are read big-endian and unsigned") {
  WireReader reader("\xff\x80\x01\xfe\xdc\xba\x98rest"sv);
  CHECK(reader.u8() == 0xff);
  CHECK(reader.u16() == 0x8001);
  CHECK(reader.u32() == 0xfedcba98);
  CHECK(reader.rest() == "rest");
  CHECK_FALSE(reader.failed());
}

TEST_CASE("bytes that are read are those of the text, not copies") {
  const auto text = "abcdef"sv;
  WireReader reader(text);
  const std::string_view taken = reader.bytes(4);
  CHECK(taken == "abcd");
  CHECK(taken.data() == text.data());
  CHECK(reader.bytes(0).empty());
  CHECK(reader.bytes(2) == "ef");
  CHECK_FALSE(reader.failed());
}

TEST_CASE("whoever reads past the end gets nothing from there on") {
  WireReader reader("\x01\x02\x03"sv);
  CHECK(reader.u16() == 0x0102);
  CHECK(reader.u16() == 0);
  CHECK(reader.failed());
  CHECK(reader.u8() == 0);  // though one byte is left
  CHECK(reader.bytes(0).empty());
  CHECK(reader.rest().empty());
  CHECK(reader.failed());
}

TEST_CASE("an empty text has nothing to read") {
  WireReader reader(""sv);
  CHECK(reader.bytes(0).empty());
  CHECK_FALSE(reader.failed());
  CHECK(reader.u8() == 0);
  CHECK(reader.failed());
}

TEST_CASE("numbers are written big-endian, cut to their width") {
  std::string out = "#";
  base::put_u8(out, 0x1ff);
  base::put_u16(out, 0x18001);
  base::put_u32(out, 0xfedcba98);
  CHECK(out == "#\xff\x80\x01\xfe\xdc\xba\x98"s);
}

TEST_CASE("what was written is read back") {
  for (const uint32_t seed : seeds()) {
    INFO("seed " << seed);
    Random random(seed);
    for (int i = 0; i < 1000; ++i) {
      const uint32_t wide = random.below(0xffffffff);
      const auto narrow = static_cast<uint16_t>(random.below(0x10000));
      std::string out;
      base::put_u32(out, wide);
      base::put_u16(out, narrow);
      WireReader reader(out);
      REQUIRE(reader.u32() == wide);
      REQUIRE(reader.u16() == narrow);
      REQUIRE(reader.rest().empty());
      REQUIRE_FALSE(reader.failed());
    }
  }
}
