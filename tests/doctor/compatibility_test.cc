#include "doctor/compatibility.h"

#include <string>
#include <vector>

#include "dist/handshake.h"
#include "doctor/findings.h"

using namespace doctor;
using Identified = discovery::Identification::Outcome;
using Mark = CheckResult::Mark;
using End = probe::DistConnection::End;

namespace {

constexpr uint64_t today = dist::flags::unlink_id | dist::flags::v4_nc;

Neighbour neighbour(const std::string& name, uint64_t flags = today) {
  return {name.substr(0, name.find('@')),
          {Identified::identified, {.node_name = name, .flags = flags}}};
}

Neighbour mute(const std::string& name, Identified outcome) { return {name, {outcome, {}}}; }

}  // namespace

TEST_CASE("a node name has an alive name and a host part") {
  CHECK(has(whole(judge_name_form("web@node1")).found, "host part 'node1': a short name"));
  CHECK(has(whole(judge_name_form("web@node1.lan")).found, "a long name"));
  CHECK(has(whole(judge_name_form("web")).remedy, "write web@HOST"));
  for (const char* const text : {"", "@", "web@", "@node1", "we b@node1", "web@a@b", "web@a/b"}) {
    INFO(text);
    CHECK(whole(judge_name_form(text)).has_failed());
  }
  CHECK(has(judge_name_form("w\n@a").found, "'w\\x0a@a' is no node name"));
}

TEST_CASE("where a host leads, and who says so") {
  const auto judge = [](const HostAnswer& answer) { return whole(judge_host("node1", answer)); };
  CHECK(judge({{"192.0.2.1"}, "192.0.2.53", false, {}}).found ==
        "node1 is 192.0.2.1, says 192.0.2.53");
  CHECK(judge({{"192.0.2.1", "2001:db8::1"}, "192.0.2.53", false, {}}).mark == Mark::ok);
  CHECK(judge({{"192.0.2.1"}, {}, false, {}}).found == "node1 is an address");
  CHECK(has(judge({{}, "192.0.2.53", false, {}}).remedy, "docker run --hostname"));
  CHECK(has(judge({{}, "192.0.2.53", true, "no answer"}).remedy, "/etc/resolv.conf"));
  CHECK(judge({{"192.0.2.1"}, "192.0.2.53", true, "no answer"}).mark == Mark::ok);
}

TEST_CASE("a host that leads to several is no fault, and is told of") {
  const std::vector<std::vector<std::string>> several = {{"192.0.2.1", "192.0.2.2"},
                                                         {"2001:db8::1", "2001:db8::2"}};
  for (const auto& ips : several)
    CHECK(judge_host("web", {ips, "192.0.2.53", false, {}}).mark == Mark::unknown);
}

TEST_CASE("without a node here there is nothing to compare with") {
  const Neighbours silent = {mute("web", Identified::silent)};
  CHECK(whole(judge_neighbours({})).mark == Mark::unknown);
  for (const Neighbours& ours : {Neighbours{}, silent}) {
    CHECK(whole(judge_transport(false, ours)).mark == Mark::unknown);
    CHECK(whole(judge_kind({"web", "a"}, ours)).mark == Mark::unknown);
    CHECK(whole(judge_generation(today, ours)).mark == Mark::unknown);
  }
}

TEST_CASE("a node here that does not say who it is is not called missing") {
  const Neighbours silent = {mute("web", Identified::silent), mute("db", Identified::speaks_tls)};
  const std::string said = "the nodes registered here do not say enough to compare with: web, db";
  CHECK(judge_kind({"web", "a"}, silent).found == said);
  CHECK(judge_generation(today, silent).found == said);
  CHECK(judge_neighbours({}).found == "no other node is registered here to compare with");
}

TEST_CASE("all who are registered here are told, with what is odd about them") {
  const Neighbours ours = {neighbour("a@h"), mute("b", Identified::speaks_tls),
                           mute("c", Identified::silent)};
  CHECK(whole(judge_neighbours(ours)).found ==
        "registered here: a@h, b (TLS), c (does not say who it is)");
}

TEST_CASE("plain and TLS distribution never connect") {
  const Neighbours plain = {neighbour("a@h")};
  const Neighbours tls = {mute("b", Identified::speaks_tls)};
  CHECK(whole(judge_transport(false, plain)).mark == Mark::ok);
  CHECK(whole(judge_transport(true, tls)).mark == Mark::ok);
  CHECK(whole(judge_transport(true, plain)).found ==
        "it speaks TLS distribution, and a@h here plain");
  CHECK(whole(judge_transport(false, tls)).found == "it speaks plain distribution, and b here TLS");
  CHECK(has(judge_transport(false, tls).remedy, "-proto_dist inet_tls"));
}

TEST_CASE("long and short names never connect, but one of ours that is alike is enough") {
  const Neighbours ours = {neighbour("a@h"), neighbour("b")};
  CHECK(whole(judge_kind({"web", "x"}, ours)).found == "a short name, as a@h");
  CHECK(whole(judge_kind({"web", "x.y"}, ours)).found ==
        "it has a long name, and a@h here a short one");
  CHECK(has(judge_kind({"web", "x"}, {neighbour("a@h.lan")}).found, "a long one"));
  CHECK(judge_kind({"web", "x"}, {neighbour("a@h.lan"), neighbour("a@h")}).mark == Mark::ok);
  CHECK(has(judge_kind({"web", "x.y"}, ours).remedy, "both with -sname"));
}

TEST_CASE("OTP 23 and later releases do not go together") {
  const Neighbours ours = {neighbour("a@h")};
  const Neighbours old = {neighbour("o@h", dist::flags::v4_nc)};
  CHECK(whole(judge_generation(today, ours)).mark == Mark::ok);
  CHECK(whole(judge_generation(0, old)).mark == Mark::ok);
  CHECK(
      has(whole(judge_generation(0, ours)).found, "it is OTP 23 or earlier, and a@h here OTP 24"));
  CHECK(has(whole(judge_generation(today, old)).found, "and o@h here OTP 23"));
  CHECK(has(judge_generation(today, old).remedy, "from OTP 24 on"));
}

TEST_CASE("each way in which a cookie is not accepted has its own remedy") {
  const auto remedy = [](End end) {
    const CheckResult result = whole(judge_cookie(end, "PORTOLAN_COOKIE"));
    CHECK(result.has_failed() == (end != End::finished));
    return result.remedy;
  };
  CHECK(remedy(End::finished).empty());
  CHECK(has(remedy(End::wrong_cookie), "one cookie"));
  CHECK(has(remedy(End::impostor), "trust it with nothing"));
  CHECK(has(remedy(End::silent), "see what it does"));
  CHECK(has(remedy(End::foreign_user), "a cookie file that its user owns"));
  for (const End end : {End::stranger, End::refused, End::closed})
    CHECK(remedy(end) == "ask again");
  for (const End end : {End::not_allowed, End::speaks_tls, End::nonsense})
    CHECK(has(remedy(end), "what runs there"));
}

TEST_CASE("a node that was started with -name needs a dot in the host part, or an address") {
  Neighbour dotless = neighbour("a@h");
  dotless.is_started_with_name = true;
  CHECK(has(whole(judge_kind({"web", "x"}, {dotless})).found, "'x' has no dot, and a@h here"));
  CHECK(has(judge_kind({"web", "x"}, {dotless}).remedy, "with a dot"));
  CHECK(judge_kind({"web", "x.y"}, {dotless}).mark == Mark::ok);
  CHECK(judge_kind({"web", "fd00::1"}, {dotless}).mark == Mark::ok);
  CHECK(judge_kind({"web", "fd00::1"}, {neighbour("a@h.lan")}).found ==
        "an address, which goes with long names and short ones");
}

TEST_CASE("a node connects to addresses of its own family only") {
  const Neighbours ipv4 = {neighbour("a@h")};
  Neighbours ipv6 = {neighbour("b@h")};
  ipv6[0].speaks_ipv6 = true;
  const auto judge = [](const std::vector<std::string>& ips, const Neighbours& ours) {
    return whole(judge_family("x has", ips, ours));
  };
  CHECK(judge({"192.0.2.1"}, ipv4).found == "x has IPv4 addresses, and a@h connects to such");
  CHECK(judge({"2001:db8::1", "192.0.2.1"}, ipv6).mark == Mark::ok);
  CHECK(judge({"2001:db8::1"}, ipv4).found ==
        "x has IPv6 addresses only, and a@h here connects to IPv4 only");
  CHECK(has(judge({"192.0.2.1"}, ipv6).remedy, "-proto_dist inet6_tcp"));
  CHECK(judge({"192.0.2.1"}, {}).mark == Mark::unknown);
}

TEST_CASE("a host that is a number to Erlang is no host") {
  CHECK(judge_host("2", {{"192.0.2.1"}, "192.0.2.53", false, {}}).found ==
        "'2' is a number to Erlang: 0.0.0.2");
  CHECK(whole(judge_host("104857600123", {})).has_failed());
  CHECK(judge_host("192.0.2.1", {{"192.0.2.1"}, {}, false, {}}).mark == Mark::ok);
}
