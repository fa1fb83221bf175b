#include "epmd/message.h"

#include "catch.h"
#include "epmd/alive_name.h"
#include "requests.h"
#include "seeds.h"

using namespace std::string_literals;
using namespace std::string_view_literals;
using epmd::EventKind;
using epmd::Fault;
using epmd::Node;

namespace {

/// An ALIVE2_REQ's body up to the length of the name: port 0xa1b2, normal, tcp, versions 6 and 5.
const std::string alive2_front = "x\xa1\xb2M\0\0\x06\0\x05"s;

Node random_node(Random& random) {
  Node node;
  node.alive_name = random.bytes(random.below(40));
  node.port_no = static_cast<uint16_t>(random.below(0x10000));
  node.node_type = static_cast<uint8_t>(random.below(0x100));
  node.protocol = static_cast<uint8_t>(random.below(0x100));
  node.highest_version = static_cast<uint16_t>(random.below(0x10000));
  node.lowest_version = static_cast<uint16_t>(random.below(0x10000));
  node.extra = random.bytes(random.below(40));
  std::replace(node.alive_name.begin(), node.alive_name.end(), '\0', '0');
  return node;
}

}  // namespace

TEST_CASE("an ALIVE2_REQ is read field by field") {
  Node node;
  REQUIRE_FALSE(
      epmd::parse_alive2_req("x\xa1\xb2H\x07\0\x06\0\x05\0\x05probe\0\x03"
                             "e\0x"sv,
                             node));
  CHECK(node.port_no == 0xa1b2);
  CHECK(node.node_type == 'H');
  CHECK(node.protocol == 7);
  CHECK(node.highest_version == 6);
  CHECK(node.lowest_version == 5);
  CHECK(node.alive_name == "probe");
  CHECK(node.extra == "e\0x"s);
}

TEST_CASE("bytes after an ALIVE2_REQ's extra are ignored") {
  Node node;
  REQUIRE_FALSE(epmd::parse_alive2_req(alive2_front + "\0\x01n\0\x01"
                                                      "exyz"s,
                                       node));
  CHECK(node.alive_name == "n");
  CHECK(node.extra == "e");
}

TEST_CASE("an ALIVE2_REQ that is not well formed is found out, and the node left alone") {
  const auto [rest, kind] = GENERATE(table<std::string, EventKind>({
      {""s, EventKind::alive2_too_short},
      {"\0\0\0\0"s, EventKind::alive2_too_short},    // an empty name, 13 bytes
      {"\0\x02nn\0"s, EventKind::alive2_name_size},  // no room for the length of extra
      {"\0\x02nnn"s, EventKind::alive2_name_size},
      {"\xff\xff"
       "nnn"s,
       EventKind::alive2_name_size},
      {"\0\x01n\0\x01"s, EventKind::alive2_extra_size},
      {"\0\x01n\xff\xff"
       "e"s,
       EventKind::alive2_extra_size},
      {"\0\x01\0\0\0"s, EventKind::alive2_name_has_nul},
      {"\0\x03n\0n\0\0"s, EventKind::alive2_name_has_nul},
      {"\0\x03nn\0\0\0"s, EventKind::alive2_name_has_nul},
  }));
  INFO(epmd::escape_name(rest));
  Node node = node_named("before");
  const Fault fault = epmd::parse_alive2_req(alive2_front + rest, node);
  CHECK(fault);
  CHECK(fault.kind == kind);
  CHECK(node == node_named("before"));
}

TEST_CASE("an ALIVE2_REQ's form is checked in order: its length, the name, extra, NULs") {
  Node node;
  CHECK(epmd::parse_alive2_req("x\0\0M\0\0\x06\0\x05\0\x09"
                               "n"s,
                               node)
            .kind == EventKind::alive2_too_short);
  CHECK(epmd::parse_alive2_req(alive2_front + "\0\x09\0\xff\xff"s, node).kind ==
        EventKind::alive2_name_size);
  CHECK(epmd::parse_alive2_req(alive2_front + "\0\x01\0\xff\xff"s, node).kind ==
        EventKind::alive2_extra_size);
}

TEST_CASE("fourteen bytes are the least an ALIVE2_REQ has") {
  Node node;
  REQUIRE_FALSE(epmd::parse_alive2_req(alive2_front + "\0\x01n\0\0"s, node));
  CHECK(node.alive_name == "n");
  // An empty name passes if one byte follows, of extra or of anything.
  REQUIRE_FALSE(epmd::parse_alive2_req(alive2_front + "\0\0\0\x01"
                                                      "e"s,
                                       node));
  CHECK(node.alive_name.empty());
  CHECK(node.extra == "e");
  REQUIRE_FALSE(epmd::parse_alive2_req(alive2_front + "\0\0\0\0?"s, node));
  CHECK(node.extra.empty());
  const Fault fault = epmd::parse_alive2_req("x", node);
  CHECK(fault.kind == EventKind::alive2_too_short);
  CHECK(fault.number == 1);
}

TEST_CASE("names and extra that may be registered") {
  const std::string name =
      GENERATE(""s, "n"s, "a b"s, "x@y"s, "line\nbreak"s, "\x7f"s, "\xef\xbf\xbf"s,
               "\xef\xbb\xbf"
               "bom"s,
               characters(255), characters(255, "\xc3\xb6"), characters(255, "\xf0\x9f\x90\x98"));
  Node node = node_named(name);
  CHECK_FALSE(epmd::check_registrable(node));
  node.extra = characters(1020, "\0"s);
  CHECK_FALSE(epmd::check_registrable(node));
}

TEST_CASE("names and extra that may not be registered") {
  const std::string elephants = characters(255, "\xf0\x9f\x90\x98");
  const auto [name, extra_bytes, kind, number] =
      GENERATE_COPY(table<std::string, size_t, EventKind, int64_t>({
          {characters(256), 0, EventKind::alive2_name_too_long, 256},
          {characters(256, "\xc3\xb6"), 0, EventKind::alive2_name_too_long, 512},
          {characters(1020), 0, EventKind::alive2_name_too_long, 1020},
          {elephants + "n", 0, EventKind::alive2_name_too_long, 1021},
          {"\xff", 0, EventKind::alive2_name_encoding, 0},
          {characters(1020, "\xff"), 0, EventKind::alive2_name_encoding, 0},
          {"n", 1021, EventKind::alive2_extra_too_long, 1021},
          // More than one fault: the name's bytes, its encoding, its characters, extra.
          {characters(1021, "\xff"), 1021, EventKind::alive2_name_too_long, 1021},
          {characters(300, "\xff"), 1021, EventKind::alive2_name_encoding, 0},
          {characters(256), 1021, EventKind::alive2_name_too_long, 256},
      }));
  Node node = node_named(name);
  node.extra = characters(extra_bytes, "e");
  const Fault fault = epmd::check_registrable(node);
  CHECK(fault.kind == kind);
  CHECK(fault.number == number);
}

TEST_CASE("a PORT_PLEASE2_REQ's name may end in one NUL") {
  const auto [body, name] = GENERATE(table<std::string, std::string>({
      {"zn"s, "n"s},
      {"zn\0"s, "n"s},
      {"za b\n"s, "a b\n"s},
      {"z" + characters(254), characters(254)},
      {"z" + characters(254) + "\0"s, characters(254)},
      {"z" + characters(254, "\xf0\x9f\x90\x98"), characters(254, "\xf0\x9f\x90\x98")},
  }));
  std::string_view read;
  REQUIRE_FALSE(epmd::parse_port_please2_req(body, read));
  CHECK(read == name);
}

TEST_CASE("a PORT_PLEASE2_REQ without a possible name is found out") {
  const auto [body, kind] = GENERATE(table<std::string, EventKind>({
      {"z"s, EventKind::port_please2_too_short},
      {"z\0"s, EventKind::port_please2_too_short},
      {"z\0\0"s, EventKind::port_please2_name_has_nul},
      {"zn\0\0"s, EventKind::port_please2_name_has_nul},
      {"zn\0n"s, EventKind::port_please2_name_has_nul},
      {"z\0n"s, EventKind::port_please2_name_has_nul},
      {"z\xff"s, EventKind::port_please2_name_invalid},
      {"z" + characters(255), EventKind::port_please2_name_invalid},
      {"z" + characters(255) + "\0"s, EventKind::port_please2_name_invalid},
      {"z" + characters(255, "\xc3\xb6"), EventKind::port_please2_name_invalid},
  }));
  INFO(epmd::escape_name(body));
  std::string_view read = "before";
  CHECK(epmd::parse_port_please2_req(body, read).kind == kind);
  CHECK(read == "before");
}

TEST_CASE("a STOP_REQ's name ends at the first NUL, and may be anything else") {
  const auto [body, name] = GENERATE(table<std::string, std::string>({
      {"sn"s, "n"s},
      {"sn\0m"s, "n"s},
      {"s\0"s, ""s},
      {"s\0n"s, ""s},
      {"s\xff"s, "\xff"s},
      {"s" + characters(3000), characters(3000)},
  }));
  std::string_view read = "before";
  REQUIRE_FALSE(epmd::parse_stop_req(body, read));
  CHECK(read == name);
  CHECK(epmd::parse_stop_req("s", read).kind == EventKind::stop_too_short);
}

TEST_CASE("an ALIVE2_RESP is wide from version 6 on") {
  CHECK(epmd::encode_alive2_resp(6, 0xfedcba98) == "v\0\xfe\xdc\xba\x98"s);
  CHECK(epmd::encode_alive2_resp(0xffff, 4) == "v\0\0\0\0\x04"s);
  CHECK(epmd::encode_alive2_resp(5, 4) == "y\0\0\x02"s);
  CHECK(epmd::encode_alive2_resp(0, 0xffffffff) == "y\0\0\x01"s);
  CHECK(epmd::encode_alive2_refusal(6) == "v\x01\0\0\0\x63"s);
  CHECK(epmd::encode_alive2_refusal(5) == "y\x01\0\x63"s);
}

TEST_CASE("narrow creations are 1, 2 and 3 in turn") {
  CHECK(epmd::narrow_creation(999) == 1);
  CHECK(epmd::narrow_creation(1000) == 2);
  CHECK(epmd::narrow_creation(1001) == 3);
  CHECK(epmd::narrow_creation(1002) == 1);
}

TEST_CASE("a PORT2_RESP gives back what was registered") {
  Node node = node_named("probe", 0xa1b2);
  node.extra = "e\0x"s;
  CHECK(epmd::encode_port2_resp(node) ==
        "w\0\xa1\xb2M\0\0\x06\0\x05\0\x05probe\0\x03"
        "e\0x"s);
  CHECK(epmd::encode_port2_not_found() == "w\x01"s);
}

TEST_CASE("requests are a length and a body") {
  CHECK(epmd::encode_request(epmd::Opcode::names_req) == "\0\x01n"s);
  CHECK(epmd::encode_request(epmd::Opcode::stop_req, "web") == "\0\x04sweb"s);
  CHECK(epmd::encode_request(epmd::Opcode::stop_req, characters(600)).substr(0, 3) == "\x02\x59s");
  CHECK(epmd::encode_alive2_req(node_named("probe", 0xa1b2)) ==
        "\0\x12x\xa1\xb2M\0\0\x06\0\x05\0\x05probe\0\0"s);
}

TEST_CASE("an ALIVE2_REQ that was encoded is read as it was") {
  for (const uint32_t seed : seeds()) {
    INFO("seed " << seed);
    Random random(seed);
    for (int i = 0; i < 2000; ++i) {
      Node node = random_node(random);
      if (node.alive_name.empty() && node.extra.empty()) continue;  // 13 bytes: too short
      Node read;
      REQUIRE_FALSE(epmd::parse_alive2_req(epmd::encode_alive2_req(node).substr(2), read));
      REQUIRE(read == node);
    }
  }
}

TEST_CASE("a PORT2_RESP that was encoded is read as it was, and not if any byte is missing") {
  for (const uint32_t seed : seeds()) {
    INFO("seed " << seed);
    Random random(seed);
    for (int i = 0; i < 300; ++i) {
      const Node node = random_node(random);
      const std::string bytes = epmd::encode_port2_resp(node);
      bool is_known = false;
      Node read;
      REQUIRE(epmd::parse_port2_resp(bytes, is_known, read));
      REQUIRE(is_known);
      REQUIRE(read == node);
      for (size_t size = 0; size < bytes.size(); ++size)
        REQUIRE_FALSE(epmd::parse_port2_resp(bytes.substr(0, size), is_known, read));
    }
  }
}

TEST_CASE("a PORT2_RESP for an unknown name is told from what is no PORT2_RESP") {
  bool is_known = true;
  Node node;
  CHECK(epmd::parse_port2_resp("w\x01"sv, is_known, node));
  CHECK_FALSE(is_known);
  CHECK_FALSE(epmd::parse_port2_resp(""sv, is_known, node));
  CHECK_FALSE(epmd::parse_port2_resp("w"sv, is_known, node));
  CHECK_FALSE(epmd::parse_port2_resp("v\x01"sv, is_known, node));
}
