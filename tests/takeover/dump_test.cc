#include "takeover/dump.h"

#include "catch.h"

using namespace std::string_view_literals;
using takeover::DumpedName;
using takeover::read_dump;

TEST_CASE("a DUMP_RESP is read as its names and their descriptors, the newest first") {
  const auto names = read_dump(
      "\0\0\x11\x11"
      "active name     <b> at port 2, fd = 7\n\0"
      "active name     <a> at port 1, fd = 6\n\0"
      "old/unused name <c>, port = 3, fd = 8 \n\0"sv);
  REQUIRE(names);
  CHECK(*names == std::vector{DumpedName{"b", 2, 7}, DumpedName{"a", 1, 6}});
}

TEST_CASE("a DUMP_RESP without names is read") {
  const auto names = read_dump("\0\0\x11\x11"sv);
  REQUIRE(names);
  CHECK(names->empty());
}

TEST_CASE("a name may look like what stands around it in a DUMP_RESP") {
  const auto names = read_dump(
      "\0\0\x11\x11"
      "active name     <x> at port 5, fd = 6\nactive name     <y> at port 1, fd = 6\n\0"
      "active name     <> at port 4, fd = 9\n\0"sv);
  REQUIRE(names);
  CHECK(*names == std::vector{DumpedName{"x> at port 5, fd = 6\nactive name     <y", 1, 6},
                              DumpedName{"", 4, 9}});
}

TEST_CASE("what is no whole DUMP_RESP is refused") {
  for (const std::string_view bytes :
       {""sv, "\0\0\x11"sv, "\0\0\x11\x11x\n\0"sv, "\0\0\x11\x11HTTP/1.1 400\r\n"sv,
        "\0\0\x11\x11"
        "active name     <b> at port 2, fd = 7\n"sv,
        "\0\0\x11\x11"
        "active name     <b> at port 2, fd = x\n\0"sv,
        "\0\0\x11\x11"
        "active name     <b> at port 65536, fd = 7\n\0"sv,
        "\0\0\x11\x11"
        "active name     <b>, fd = 7\n\0"sv})
    CHECK_FALSE(read_dump(bytes));
}
