#include "dist/handshake.h"

#include <set>

#include "base/wire.h"
#include "catch.h"
#include "seeds.h"

using namespace std::string_literals;
using namespace std::string_view_literals;
using dist::Challenge;
using dist::Handshake;
using ReadResult = dist::Handshake::ReadResult;

namespace {

std::string message(std::string_view body) {
  std::string out;
  base::put_u16(out, static_cast<unsigned>(body.size()));
  out += body;
  return out;
}

std::string challenge_body(const std::string& name, size_t said) {
  std::string out = "N";
  base::put_u64(out, 0xd07df7fbd);
  base::put_u32(out, 0x01020304);
  base::put_u32(out, 1795421563);
  base::put_u16(out, static_cast<unsigned>(said));
  return out + name;
}

std::string challenge(const std::string& name) {
  return message(challenge_body(name, name.size()));
}

ReadResult receive_in_pieces(Handshake& handshake, std::string_view bytes, Random& random) {
  ReadResult read_result = ReadResult::read_on;
  while (!bytes.empty() && read_result == ReadResult::read_on) {
    const size_t size = std::min<size_t>(bytes.size(), 1 + random.below(7));
    read_result = handshake.receive(bytes.substr(0, size));
    bytes.remove_prefix(size);
  }
  return read_result;
}

}  // namespace

TEST_CASE("the prober says its name, its flags and no creation") {
  CHECK(Handshake().hello("epmd_probe7@epmd", dist::flags::prober) ==
        "\0\x1f"
        "N"
        "\0\0\0\4\7\7\x0f\x94"
        "\0\0\0\0"
        "\0\x10"
        "epmd_probe7@epmd"s);
}

TEST_CASE("in TLS a length has four bytes, from the first message on") {
  const auto framed = [](const std::string& text) {
    return std::string(3, '\0') + static_cast<char>(text.size()) + text;
  };
  Handshake handshake(dist::Framing::tls);
  CHECK(handshake.hello("a@b", dist::flags::prober).substr(0, 5) == "\0\0\0\x12N"s);
  const std::string name = "node@m25t";
  const std::string told = framed("sok") + framed(challenge_body(name, name.size()));
  for (const char c : told.substr(0, told.size() - 1))
    CHECK(handshake.receive({&c, 1}) == ReadResult::read_on);
  CHECK(handshake.receive(told.substr(told.size() - 1)) == ReadResult::identified);
  CHECK(handshake.challenge().node_name == name);
  Handshake strict(dist::Framing::tls);
  CHECK(strict.receive("\0\1\0\0"s) == ReadResult::nonsense);
}

TEST_CASE("the prober's flags are those without which some release refuses, and not published") {
  constexpr uint64_t otp_23 = 0x50184;
  constexpr uint64_t digest = uint64_t{1} << 26;
  CHECK((dist::flags::prober & otp_23) == otp_23);
  CHECK((dist::flags::prober & digest) == digest);
  CHECK((dist::flags::prober & dist::flags::unlink_id) != 0);
  CHECK((dist::flags::prober & dist::flags::v4_nc) != 0);
  CHECK((dist::flags::prober & dist::flags::published) == 0);
}

TEST_CASE("a node that lets us ask tells its name, its creation and its flags") {
  const std::string status = GENERATE("sok"s, "sok_simultaneous"s);
  Handshake handshake;
  CHECK(handshake.receive(message(status)) == ReadResult::read_on);
  CHECK(handshake.receive(challenge("node@m25t")) == ReadResult::identified);
  CHECK(handshake.challenge() == Challenge{"node@m25t", 0xd07df7fbd, 0x01020304, 1795421563});
}

TEST_CASE("flags as real nodes have sent them") {
  Challenge node;
  node.flags = 0x101df7fbd;  // OTP 23
  CHECK_FALSE(node.is_hidden());
  CHECK_FALSE(dist::flags::is_of_today(node.flags));
  node.flags = 0xd07df7fbd;  // OTP 25 and 27
  CHECK_FALSE(node.is_hidden());
  CHECK(dist::flags::is_of_today(node.flags));
  node.flags = 0x6d07df7fbd;  // OTP 29
  CHECK(dist::flags::is_of_today(node.flags));
  node.flags = 0xd07df7fbc;  // erl -hidden
  CHECK(node.is_hidden());
}

TEST_CASE("each status has its meaning") {
  const auto [status, read_result] = GENERATE(table<std::string, ReadResult>({
      {"sok", ReadResult::read_on},
      {"sok_simultaneous", ReadResult::read_on},
      {"snok", ReadResult::busy},
      {"salive", ReadResult::busy},
      {"snot_allowed", ReadResult::not_allowed},
      {"snamed:", ReadResult::nonsense},
      {"s", ReadResult::nonsense},
      {"sok ", ReadResult::nonsense},
      {"sOK", ReadResult::nonsense},
      {"Nok", ReadResult::nonsense},
      {"HTTP/1.1 400", ReadResult::nonsense},
  }));
  INFO(status);
  Handshake handshake;
  CHECK(handshake.receive(message(status)) == read_result);
}

TEST_CASE("TLS is recognised by its records") {
  Handshake alert;
  CHECK(alert.receive("\x15\x03\x03\0\2\2\x0a"sv) == ReadResult::speaks_tls);
  Handshake handshake;
  CHECK(handshake.receive("\x16\x03\x01\0\x40"sv) == ReadResult::speaks_tls);
  Handshake in_pieces;
  CHECK(in_pieces.receive("\x15"sv) == ReadResult::read_on);
  CHECK(in_pieces.receive("\x03"sv) == ReadResult::speaks_tls);
  Handshake after_status;
  CHECK(after_status.receive(message("sok")) == ReadResult::read_on);
  CHECK(after_status.receive("\x15\x03\x03\0\2\2\x0a"sv) == ReadResult::nonsense);
}

TEST_CASE("a message that is empty or longer than any may be is nonsense before it is whole") {
  Handshake empty;
  CHECK(empty.receive("\0\0"sv) == ReadResult::nonsense);
  Handshake longest;
  CHECK(longest.receive("\x08\0"sv) == ReadResult::read_on);
  Handshake too_long;
  CHECK(too_long.receive("\x08\x01"sv) == ReadResult::nonsense);
  Handshake web_server;
  CHECK(web_server.receive("HTTP/1.1 400 Bad Request\r\n"sv) == ReadResult::nonsense);
}

TEST_CASE("a challenge that lies about its lengths is nonsense") {
  const std::string body =
      GENERATE(challenge_body("node@m", 7), challenge_body("node@m", 65535), challenge_body("", 1),
               challenge_body("node@m", 6).substr(0, 18), "N"s, "n"s + std::string(18, 'x'),
               "s"s + challenge_body("node@m", 6).substr(1));
  Handshake handshake;
  REQUIRE(handshake.receive(message("sok")) == ReadResult::read_on);
  CHECK(handshake.receive(message(body)) == ReadResult::nonsense);
}

TEST_CASE("a challenge may hold more than we know, and a name that is shorter than it") {
  Handshake handshake;
  REQUIRE(handshake.receive(message("sok")) == ReadResult::read_on);
  CHECK(handshake.receive(message(challenge_body("node@m and more", 6))) == ReadResult::identified);
  CHECK(handshake.challenge().node_name == "node@m");
}

TEST_CASE("a message that promises more than it brings is waited for") {
  Handshake handshake;
  CHECK(handshake.receive("") == ReadResult::read_on);
  CHECK(handshake.receive("\0"sv) == ReadResult::read_on);
  CHECK(handshake.receive("\x03so"sv) == ReadResult::read_on);
  CHECK(handshake.receive("k"sv) == ReadResult::read_on);
  const std::string bytes = challenge("node@m");
  for (const char byte : bytes.substr(0, bytes.size() - 1))
    CHECK(handshake.receive({&byte, 1}) == ReadResult::read_on);
  CHECK(handshake.receive({&bytes.back(), 1}) == ReadResult::identified);
}

TEST_CASE("the verdict does not depend on where the bytes were cut") {
  for (const uint32_t seed : seeds()) {
    INFO("seed " << seed);
    Random random(seed);
    for (int i = 0; i < 2000; ++i) {
      std::string bytes = message("sok") + challenge("node@m25t");
      for (uint32_t left = random.below(3); left > 0; --left)
        bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
      Handshake whole;
      Handshake pieces;
      const ReadResult read_result = whole.receive(bytes);
      REQUIRE(receive_in_pieces(pieces, bytes, random) == read_result);
      if (read_result == ReadResult::identified) REQUIRE(pieces.challenge() == whole.challenge());
    }
  }
}

namespace {

const dist::Cookie secret("SECRET");
constexpr uint32_t own_challenge = 77;

std::string named_status() {
  std::string body = "snamed:";
  base::put_u16(body, 18);
  body += "2JYPX24A03JV4@epmd";
  base::put_u32(body, 6);
  return message(body);
}

std::string ack(const dist::Digest& digest) {
  return message("a" + std::string(digest.begin(), digest.end()));
}

Handshake identified() {
  Handshake handshake;
  REQUIRE(handshake.receive(named_status() + challenge("node@m")) == ReadResult::identified);
  return handshake;
}

}  // namespace

TEST_CASE("who asks for a name is given one, with a creation") {
  const Handshake handshake = identified();
  CHECK(handshake.given_name() == "2JYPX24A03JV4@epmd");
  CHECK(handshake.given_creation() == 6);
  CHECK(handshake.challenge().node_name == "node@m");
}

TEST_CASE("the proof answers the node's challenge and asks our own") {
  Handshake handshake = identified();
  const dist::Digest answer = secret.answer(0x01020304);
  CHECK(handshake.prove(secret, own_challenge) ==
        "\0\x15r\0\0\0\x4d"s + std::string(answer.begin(), answer.end()));
}

TEST_CASE("a node that answers with our cookie is connected, and what follows are packets") {
  Handshake handshake = identified();
  handshake.prove(secret, own_challenge);
  CHECK(handshake.receive(ack(secret.answer(own_challenge)) + "packets") == ReadResult::connected);
  CHECK(handshake.take_rest() == "packets");
}

TEST_CASE("a node that does not know the cookie is an impostor, even if it sends our proof back") {
  const dist::Digest wrong =
      GENERATE(dist::Cookie("OTHER").answer(own_challenge), secret.answer(0x01020304),
               secret.answer(own_challenge + 1), dist::Digest{});
  Handshake handshake = identified();
  handshake.prove(secret, own_challenge);
  CHECK(handshake.receive(ack(wrong)) == ReadResult::impostor);
}

TEST_CASE("a proof of another form is nonsense") {
  const std::string strange = GENERATE(message("a"), message("a" + std::string(15, 'x')),
                                       message("a" + std::string(17, 'x')),
                                       message("b" + std::string(16, 'x')), message("sok"));
  Handshake handshake = identified();
  handshake.prove(secret, own_challenge);
  CHECK(handshake.receive(strange) == ReadResult::nonsense);
}

TEST_CASE("a name that is none is not taken") {
  const std::string status = GENERATE("snamed:"s, "snamed:\0\0\0\0\0\1"s, "snamed:\0\3a@b\0\0\0"s,
                                      "snamed:\1\0"s + std::string(256, 'x') + "\0\0\0\1"s);
  Handshake handshake;
  CHECK(handshake.receive(message(status)) == ReadResult::nonsense);
}

TEST_CASE("there are 64 names for probers, whoever asks, and all of them are used") {
  std::set<std::string> names;
  for (int i = 0; i < 5000; ++i) names.insert(dist::prober_name("host" + std::to_string(i)));
  CHECK(names.size() == 64);
  CHECK(names.contains("epmd_probe0@epmd"));
  CHECK(names.contains("epmd_probe63@epmd"));
  CHECK(dist::prober_name("node1") == dist::prober_name("node1"));
}
