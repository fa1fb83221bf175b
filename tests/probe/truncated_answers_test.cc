// Answers that do not fit into a datagram, and nameservers that answer no TCP.

#include "catch.h"
#include "dns/channels.h"
#include "event/turn.h"
#include "probe/fake_dns.h"
#include "probe/resolver_world.h"

using discovery::Resolution;
using Outcome = Resolution::Outcome;

namespace {

/// Behind web.test there are so many addresses; not all fit into 1232 bytes.
struct LargeWorld : ResolverWorld {
  explicit LargeWorld(int count) {
    dns.udp_bytes_max = 65535;
    for (int i = 1; i <= count; ++i)
      dns.add_ipv4("web.test",
                   "10.9." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1));
  }
};

}  // namespace

TEST_CASE("without TCP the part of an answer that came counts, and nobody else is taken for gone") {
  LargeWorld world(300);
  world.dns.heeds_edns = true;
  world.dns.udp_bytes_max = 1232;
  const bool is_silent = GENERATE(false, true);
  if (is_silent)
    world.dns.is_silent_over_tcp = true;
  else
    world.dns.refuse_tcp();
  const Resolution found = world.resolve("web.test");
  CHECK(found.outcome == Outcome::failed);
  CHECK(found.endpoints.size() > 30);
  CHECK(found.endpoints.size() < 300);
  CHECK_FALSE(found.is_sure_of("10.9.1.49"));
  CHECK(found.is_sure_of("fd00::1"));  // the other answer was whole
  CHECK(found.why.ends_with(": its answer is too long for UDP, and over TCP it gives none; only " +
                            std::to_string(found.endpoints.size()) + " of its records are known"));
}

TEST_CASE("without TCP a larger datagram is asked for") {
  LargeWorld world(200);
  world.dns.heeds_edns = true;
  world.dns.refuse_tcp();
  const Resolution found = world.resolve("web.test");
  CHECK(found.outcome == Outcome::answered);
  CHECK(found.endpoints.size() == 200);
  CHECK(world.dns.edns_bytes == 4096);
}

TEST_CASE("a datagram that is larger than it was to be is read to its end") {
  LargeWorld world(200);
  world.dns.refuse_tcp();
  const Resolution found = world.resolve("web.test");
  CHECK(found.outcome == Outcome::answered);
  CHECK(found.endpoints.size() == 200);
}

TEST_CASE("a nameserver that is silent over TCP costs a bounded time") {
  LargeWorld world(200);
  world.dns.heeds_edns = true;
  world.dns.is_silent_over_tcp = true;
  const auto begun = std::chrono::steady_clock::now();
  CHECK(world.resolve("web.test").endpoints.size() == 200);
  const auto took = std::chrono::steady_clock::now() - begun;
  CHECK(took < 2 * dns::Channels::whole_answer_timeout);
}

TEST_CASE("an answer that fills a datagram to the last byte is whole") {
  ResolverWorld world;
  world.dns.udp_bytes_max = 1232;
  world.dns.refuse_tcp();
  // A header of 12 bytes, a question of 20, and 75 records of 16.
  for (int i = 1; i <= 75; ++i) world.dns.add_ipv4("web.exact.test", "10.9.0." + std::to_string(i));
  const Resolution found = world.resolve("web.exact.test");
  CHECK(found.outcome == Outcome::answered);
  CHECK(found.endpoints.size() == 75);
}

TEST_CASE("of an SRV record that is truncated the targets that came are asked") {
  ResolverWorld world;
  world.dns.udp_bytes_max = 1232;
  world.dns.refuse_tcp();
  for (int i = 0; i < 100; ++i)
    world.dns.add_srv("_epmd._tcp.test", "n" + std::to_string(i) + ".test", 4370);
  for (int i = 0; i < 100; ++i)
    world.dns.add_ipv4("n" + std::to_string(i) + ".test", "10.9.0." + std::to_string(i + 1));
  const Resolution found = world.resolve("srv:_epmd._tcp.test");
  CHECK(found.outcome == Outcome::failed);
  CHECK_FALSE(found.endpoints.empty());
  CHECK(found.endpoints.size() < 100);
  CHECK_FALSE(found.is_sure_of("10.9.0.100"));
}

TEST_CASE("a truncated answer may be dropped at any time") {
  LargeWorld world(300);
  world.dns.heeds_edns = true;
  world.dns.is_silent_over_tcp = true;
  auto pending = world.resolver->resolve(*discovery::parse_query("web.test"),
                                         [](const Resolution&) { FAIL("called back"); });
  turn_until(world.loop, [&] { return world.dns.asked_over_tcp > 0; });
  pending.reset();
  world.loop.run_ready();
}
