#include "dist/node_name.h"

#include "catch.h"
#include "seeds.h"

using namespace std::string_literals;
using dist::NodeName;
using dist::parse_node_name;

TEST_CASE("a node name is an alive name and a host part") {
  const auto [text, alive_name, host_part] = GENERATE(table<std::string, std::string, std::string>({
      {"node@node1", "node", "node1"},
      {"app@172.17.0.13", "app", "172.17.0.13"},
      {"app@fd00:dead::3", "app", "fd00:dead::3"},
      {"rabbit-1_a.b@h-1.example.com", "rabbit-1_a.b", "h-1.example.com"},
      {"m\xc3\xbcnze@h_1", "m\xc3\xbcnze", "h_1"},
      {"a@b", "a", "b"},
  }));
  INFO(text);
  const auto name = parse_node_name(text);
  REQUIRE(name);
  CHECK(*name == NodeName{alive_name, host_part});
  CHECK(name->to_string() == text);
}

TEST_CASE("what cannot be a node name, or would do harm in a file, is refused") {
  const std::string text =
      GENERATE(""s, "@"s, "node"s, "node@"s, "@host"s, "a@b@c"s, "a@@b"s, "a b@host"s, "a@ho st"s,
               "a\n@host"s, "a@host\n"s, "a@host\0"s, "a\0@host"s, "a\x7f@host"s, "a'@host"s,
               "a\"@host"s, "a`@host"s, "$(x)@host"s, "a\\@host"s, "a@host;x"s, "a@h\xc3\xb6st"s,
               "a@host/x"s, "a@'host'"s, "a@$HOST"s, "a\t@host"s);
  INFO(text);
  CHECK_FALSE(parse_node_name(text));
}

TEST_CASE("a node name is an atom's worth of bytes, and no more") {
  CHECK(parse_node_name("n@" + std::string(253, 'h')));
  CHECK_FALSE(parse_node_name("n@" + std::string(254, 'h')));
}

TEST_CASE("a long name has a dot in its host part") {
  CHECK(parse_node_name("a@b.c")->is_long());
  CHECK(parse_node_name("a@10.0.0.1")->is_long());
  CHECK_FALSE(parse_node_name("a@b")->is_long());
  CHECK_FALSE(parse_node_name("a.b@c")->is_long());
}

TEST_CASE("an IPv6 address goes with long names and with short ones") {
  const auto are_of_one_kind = [](const char* a, const char* b) {
    return parse_node_name(a)->is_of_kind_of(*parse_node_name(b));
  };
  CHECK(are_of_one_kind("a@fd00::1", "b@h"));
  CHECK(are_of_one_kind("a@h.x", "b@fd00::1"));
  CHECK(are_of_one_kind("a@h.x", "b@10.0.0.1"));
  CHECK_FALSE(are_of_one_kind("a@h", "b@10.0.0.1"));
}

TEST_CASE("a host part of digits is the number that Erlang takes it for, and never a name") {
  using dist::numeric_host;
  CHECK(numeric_host("2") == "0.0.0.2");
  CHECK(numeric_host("1.2") == "1.0.0.2");
  CHECK(numeric_host("104857600123") == "");
  CHECK(numeric_host("1.2.3.999") == "");
  for (const char* const name : {"a", "2a", "0x7f", "fd00::1", "1-2", "10.0.0.1"})
    CHECK_FALSE(numeric_host(name));
}

TEST_CASE("what is read is what was written, and holds nothing that breaks a line") {
  for (const uint32_t seed : seeds()) {
    INFO("seed " << seed);
    Random random(seed);
    for (int i = 0; i < 2000; ++i) {
      std::string text = "node@host.example";
      for (uint32_t left = 1 + random.below(3); left > 0; --left)
        text[random.below(text.size())] = static_cast<char>(random.below(256));
      const auto name = parse_node_name(text);
      if (!name) continue;
      REQUIRE(name->to_string() == text);
      REQUIRE(text.find_first_of(std::string("\0\n\r\t '\"\\`$", 10)) == std::string::npos);
    }
  }
}
