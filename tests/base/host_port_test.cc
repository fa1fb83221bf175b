#include "base/host_port.h"

#include "catch.h"

using namespace std::string_literals;
using base::HostPort;
using base::join_host_port;
using base::parse_host_port;
using base::parse_port_no;

TEST_CASE("a host may be written with a port, and an IPv6 address with brackets") {
  const auto [text, expected] = GENERATE(table<std::string, HostPort>({
      {"web", {"web", {}}},
      {"web:4369", {"web", 4369}},
      {"10.0.0.2:1", {"10.0.0.2", 1}},
      {"[fd00::2]", {"fd00::2", {}}},
      {"[fd00::2]:65535", {"fd00::2", 65535}},
      {"fd00::2", {"fd00::2", {}}},
      {"::", {"::", {}}},
      {"::1", {"::1", {}}},
  }));
  INFO(text);
  CHECK(parse_host_port(text) == expected);
}

TEST_CASE("what is no host is not taken for one") {
  const std::string text =
      GENERATE(""s, ":"s, ":80"s, "web:"s, "web:x"s, "web:0"s, "web:65536"s, "web:-1"s, "web: 1"s,
               "[::1"s, "[]"s, "[]:80"s, "[::1]80"s, "[::1]x80"s, "[::1]:"s, "[::1]:0"s);
  INFO(text);
  CHECK_FALSE(parse_host_port(text));
}

TEST_CASE("a port is a decimal number from 1 to 65535") {
  CHECK(parse_port_no("1") == 1);
  CHECK(parse_port_no("65535") == 65535);
  for (const auto digits : {"", "0", "65536", "-1", "+1", " 1", "1 ", "0x10", "1e3", "99999999999"})
    CHECK_FALSE(parse_port_no(digits));
}

TEST_CASE("what was joined is read back") {
  for (const std::string host : {"web", "10.0.0.2", "fd00::2", "::"})
    CHECK(parse_host_port(join_host_port(host, 4369)) == HostPort{host, 4369});
  CHECK(join_host_port("web", 80) == "web:80");
  CHECK(join_host_port("fd00::2", 80) == "[fd00::2]:80");
}
