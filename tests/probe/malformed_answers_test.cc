// What the resolver makes of answers that cannot be read: they have failed, and are never empty.

#include <ares.h>

#include <utility>

#include "catch.h"
#include "dns/answer.h"
#include "probe/resolver_world.h"

using namespace std::string_literals;
using discovery::Endpoint;
using discovery::Resolution;
using Outcome = Resolution::Outcome;
using Body = std::pair<uint16_t, std::string>;

namespace {

/// Since 1.28 c-ares reads each message itself. An answer of which a record cannot be read has then
/// failed as a whole, and what the same server was asked beside it as well; bytes behind the last
/// record are passed over. Debian 12 has 1.18, Debian 13 has 1.34.
bool does_library_read_messages() {
  int version = 0;
  ares_version(&version);
  return version >= 0x011c00;
}

const std::string good_a = FakeDns::record(FakeDns::a, "\xc0\0\2\1"s);
const std::string bad_a = FakeDns::record(FakeDns::a, "\xc0\0\2"s);

Body alias_of(const std::string& target) {
  return {1, FakeDns::record(FakeDns::cname, FakeDns::encoded(target))};
}

/// Answers that nothing can be taken from, whatever is asked for.
Body nothing_readable(uint16_t type, const std::string& name) {
  // Too few are announced, or where that is passed over, too many.
  const uint16_t wrong_count = does_library_read_messages() ? 2 : 0;
  const size_t records_begin = 12 + FakeDns::encoded(name).size() + 4;
  const std::string to_itself = {'\xc0', static_cast<char>(records_begin)};
  const std::string back_to_itself = FakeDns::record(FakeDns::cname, "\xc0\x0c"s);
  return GENERATE_COPY(
      Body{1, ""}, Body{2, ""},  // a count that lies
      Body{wrong_count, FakeDns::record(type, "1234")},
      Body{1, FakeDns::record(type, "1234567890").substr(0, 9)},  // cut off
      Body{1, FakeDns::record(type, "1234567890").substr(0, 15)},
      Body{1, FakeDns::record(type, std::string(3, 'x'))}, Body{1, FakeDns::record(type, ""s)},
      Body{1, FakeDns::record(type, "1234", "\xff\xff"s)},  // a pointer out of the message
      Body{1, FakeDns::record(type, "1234", to_itself)},    // pointers in a circle
      Body{1, FakeDns::record(FakeDns::cname, "\xc0\xff"s)}, Body{1, back_to_itself},
      alias_of(name),
      Body{2, alias_of("b.test").second + FakeDns::record(FakeDns::cname, FakeDns::encoded(name),
                                                          FakeDns::encoded("B.Test"))});
}

}  // namespace

TEST_CASE("an address answer that cannot be read has failed, for its family alone") {
  ResolverWorld world;
  const auto type = GENERATE(FakeDns::a, FakeDns::aaaa);
  world.dns.add_ipv4("web.test", "192.0.2.9");
  world.dns.add_ipv6("web.test", "2001:db8::9");
  world.dns.bodies[{"web.test", type}] = nothing_readable(type, "web.test");
  const Resolution found = world.resolve("web.test");
  CHECK(found.outcome == Outcome::failed);
  CHECK(found.why.find("127.0.0.1") != std::string::npos);
  CHECK_FALSE(found.is_sure_of(type == FakeDns::a ? "192.0.2.1" : "2001:db8::1"));
  if (does_library_read_messages()) return;
  CHECK(found.endpoints.size() == 1);
  CHECK(found.is_sure_of(type == FakeDns::a ? "2001:db8::1" : "192.0.2.1"));
  CHECK(found.why.find("cannot be relied on: ") != std::string::npos);
}

TEST_CASE("a service's answer that cannot be read has failed") {
  ResolverWorld world;
  world.dns.bodies[{"web.test", FakeDns::srv}] = nothing_readable(FakeDns::srv, "web.test");
  const Resolution found = world.resolve("srv:web.test");
  CHECK(found.outcome == Outcome::failed);
  CHECK_FALSE(found.is_sure_of("192.0.2.1"));
  CHECK(found.why.find("127.0.0.1") != std::string::npos);
  if (does_library_read_messages()) return;
  CHECK(found.why.find("cannot be relied on: ") != std::string::npos);
}

TEST_CASE("reverse names that cannot be read are no answer") {
  ResolverWorld world;
  const std::string name = "7.2.0.192.in-addr.arpa";
  world.dns.bodies[{name, FakeDns::ptr}] = nothing_readable(FakeDns::ptr, name);
  const discovery::Reversal reversal = world.reversal("192.0.2.7");
  CHECK_FALSE(reversal.is_answer);
  CHECK(reversal.names.empty());
}

TEST_CASE("a record that cannot be read spoils no other") {
  ResolverWorld world;
  world.dns.bodies[{"web.test", FakeDns::a}] = GENERATE(
      Body{2, good_a + bad_a}, Body{2, bad_a + good_a}, Body{2, good_a + good_a.substr(0, 13)},
      Body{9, good_a}, Body{2, good_a + FakeDns::record(FakeDns::cname, "\xc0"s)});
  const Resolution found = world.resolve("web.test");
  CHECK(found.outcome == Outcome::failed);
  CHECK_FALSE(found.is_sure_of("192.0.2.8"));
  if (does_library_read_messages()) return;
  CHECK(found.endpoints == std::vector<Endpoint>{{"192.0.2.1", 4369}});
  CHECK(found.is_sure_of("2001:db8::1"));
}

TEST_CASE("an answer that has more than it announces has failed, or is what it announces") {
  ResolverWorld world;
  const uint16_t announced = GENERATE(uint16_t{0}, uint16_t{1});
  world.dns.bodies[{"web.test", FakeDns::a}] = {announced,
                                                announced == 0 ? good_a : good_a + good_a};
  const Resolution found = world.resolve("web.test");
  const bool is_passed_over = does_library_read_messages();
  CHECK(found.is_sure_of("192.0.2.8") == is_passed_over);
  CHECK(found.is_sure_of("2001:db8::1"));
  CHECK(found.endpoints.size() == announced);
  CHECK(found.outcome == (!is_passed_over  ? Outcome::failed
                          : announced == 0 ? Outcome::empty
                                           : Outcome::answered));
}

TEST_CASE("a service's target that cannot be read spoils no other") {
  ResolverWorld world;
  world.dns.add_ipv4("n1.test", "192.0.2.1");
  const std::string good =
      FakeDns::record(FakeDns::srv, "\0\0\0\0\x11\x12"s + FakeDns::encoded("n1.test"));
  const std::string bad = FakeDns::record(FakeDns::srv, "\0\0\0\0\x11"s);
  world.dns.bodies[{"web.test", FakeDns::srv}] =
      GENERATE_COPY(Body{2, good + bad}, Body{2, bad + good});
  const Resolution found = world.resolve("srv:web.test");
  CHECK(found.outcome == Outcome::failed);
  if (does_library_read_messages()) return;
  CHECK(found.endpoints == std::vector<Endpoint>{{"192.0.2.1", 4370}});
}

TEST_CASE("a reverse name that cannot be read spoils no other") {
  ResolverWorld world;
  const std::string good = FakeDns::record(FakeDns::ptr, FakeDns::encoded("a.test"));
  world.dns.bodies[{"7.2.0.192.in-addr.arpa", FakeDns::ptr}] = {
      2, FakeDns::record(FakeDns::ptr, "\xc0"s) + good};
  const discovery::Reversal reversal = world.reversal("192.0.2.7");
  CHECK_FALSE(reversal.is_answer);
  if (does_library_read_messages()) return;
  CHECK(reversal.names == std::vector<std::string>{"a.test"});
}

TEST_CASE("an alias leads to addresses, or to a name that has none") {
  ResolverWorld world;
  world.dns.bodies[{"web.test", FakeDns::a}] = {
      2, alias_of("B.test").second +
             FakeDns::record(FakeDns::a, "\xc0\0\2\1"s, FakeDns::encoded("b.test"))};
  world.dns.bodies[{"web.test", FakeDns::aaaa}] = alias_of("b.test");
  CHECK(world.resolve("web.test").outcome == Outcome::answered);
  world.dns.bodies[{"web.test", FakeDns::a}] = alias_of("b.test");
  CHECK(world.resolve("web.test").outcome == Outcome::empty);
}

TEST_CASE("a name that is not there is no certainty where that answer cannot be read") {
  const std::string header = "\0\1\x81\x83\0\1\0\0\0\1\0\0"s;
  const std::string question = FakeDns::encoded("web.test") + "\0\1\0\1"s;
  CHECK(dns::read_dns_answer(FakeDns::a, ARES_ENOTFOUND, header + question).fault ==
        "its answer cannot be relied on: a name in it cannot be read");
  CHECK(dns::read_dns_answer(FakeDns::a, ARES_ENOTFOUND, "").fault.empty());
  CHECK(dns::read_dns_answer(FakeDns::a, ARES_ENODATA, "\0"s).fault ==
        "its answer cannot be relied on: it is cut off");
  CHECK_FALSE(dns::read_dns_answer(FakeDns::a, ARES_ETIMEOUT, "").fault.empty());
}
