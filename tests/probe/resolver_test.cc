#include "probe/resolver.h"

#include <algorithm>

#include "catch.h"
#include "event/turn.h"
#include "probe/fake_dns.h"
#include "probe/resolver_world.h"

using discovery::Endpoint;
using discovery::Query;
using discovery::Resolution;
using probe::Resolver;
using Outcome = Resolution::Outcome;

TEST_CASE("a host's IPv4 and IPv6 addresses are asked for together") {
  ResolverWorld world;
  world.dns.add_ipv4("web.test", "192.0.2.1");
  world.dns.add_ipv4("web.test", "192.0.2.2");
  world.dns.add_ipv6("web.test", "2001:db8::1");
  const Resolution found = world.resolve("web.test:4999");
  CHECK(found.outcome == Outcome::answered);
  CHECK(found.endpoints ==
        std::vector<Endpoint>{{"192.0.2.1", 4999}, {"192.0.2.2", 4999}, {"2001:db8::1", 4999}});
}

TEST_CASE("an address that is listed twice is one endpoint") {
  ResolverWorld world;
  world.dns.add_ipv4("web.test", "192.0.2.1");
  world.dns.add_ipv4("web.test", "192.0.2.1");
  CHECK(world.resolve("web.test").endpoints.size() == 1);
}

TEST_CASE("a name that does not exist, or has no addresses, is an answer") {
  ResolverWorld world;
  CHECK(world.resolve("nobody.test").outcome == Outcome::empty);
  world.dns.add("bare.test", FakeDns::srv, "");
  CHECK(world.resolve("bare.test").outcome == Outcome::empty);
}

TEST_CASE("a server that fails or refuses is no answer, and is named") {
  ResolverWorld world;
  world.dns.add_ipv4("web.test", "192.0.2.1");
  const auto code = GENERATE(FakeDns::server_failed, FakeDns::refused);
  world.dns.codes_of_names["web.test"] = code;
  const Resolution found = world.resolve("web.test");
  CHECK(found.outcome == Outcome::failed);
  CHECK(found.endpoints.empty());
  CHECK(found.why.find("127.0.0.1") != std::string::npos);
}

TEST_CASE("a server that answers for one family only fails for the other") {
  ResolverWorld world;
  world.dns.add_ipv4("web.test", "192.0.2.1");
  world.dns.codes[FakeDns::aaaa] = FakeDns::server_failed;
  const Resolution found = world.resolve("web.test");
  CHECK(found.outcome == Outcome::failed);
  CHECK(found.endpoints == std::vector<Endpoint>{{"192.0.2.1", 4369}});
  CHECK(found.is_sure_of("192.0.2.9"));
  CHECK_FALSE(found.is_sure_of("2001:db8::1"));
}

TEST_CASE("what does not fit into a datagram is asked for over TCP, to the last address") {
  ResolverWorld world;
  for (int i = 1; i <= 200; ++i) world.dns.add_ipv4("web.test", "192.0.2." + std::to_string(i));
  const Resolution found = world.resolve("web.test");
  CHECK(found.outcome == Outcome::answered);
  CHECK(found.endpoints.size() == 200);
  CHECK(world.dns.asked_over_tcp > 0);
}

TEST_CASE("larger datagrams are asked for, so that TCP is seldom needed") {
  ResolverWorld world;
  world.dns.udp_bytes_max = 1232;
  for (int i = 1; i <= 30; ++i) world.dns.add_ipv4("web.test", "192.0.2." + std::to_string(i));
  CHECK(world.resolve("web.test").endpoints.size() == 30);
  CHECK(world.dns.asked_over_tcp == 0);
  CHECK(world.dns.edns_bytes == 1232);
}

TEST_CASE("an SRV record leads to its targets' addresses at their ports") {
  ResolverWorld world;
  world.dns.add_srv("_epmd._tcp.test", "one.test", 4370);
  world.dns.add_srv("_epmd._tcp.test", "two.test", 4371);
  world.dns.add_ipv4("one.test", "192.0.2.1");
  world.dns.add_ipv6("two.test", "2001:db8::2");
  const Resolution found = world.resolve("srv:_epmd._tcp.test");
  CHECK(found.outcome == Outcome::answered);
  CHECK(found.endpoints == std::vector<Endpoint>{{"192.0.2.1", 4370}, {"2001:db8::2", 4371}});
}

TEST_CASE("an SRV record whose target cannot be resolved is a failure, with what was found") {
  ResolverWorld world;
  world.dns.add_srv("_epmd._tcp.test", "one.test", 4370);
  world.dns.add_srv("_epmd._tcp.test", "two.test", 4371);
  world.dns.add_ipv4("one.test", "192.0.2.1");
  world.dns.codes_of_names["two.test"] = FakeDns::server_failed;
  const Resolution found = world.resolve("srv:_epmd._tcp.test");
  CHECK(found.outcome == Outcome::failed);
  CHECK(found.endpoints == std::vector<Endpoint>{{"192.0.2.1", 4370}});
}

TEST_CASE("targets of an SRV record that cannot be asked are named, each with the reason") {
  ResolverWorld world;
  world.dns.add_srv("_epmd._tcp.test", "", 4370);
  world.dns.add_srv("_epmd._tcp.test", "zero.test", 0);
  world.dns.add_srv("_epmd._tcp.test", "lost.test", 4370);
  world.dns.add_srv("_epmd._tcp.test", "one.test", 4370);
  world.dns.add_ipv4("one.test", "192.0.2.1");
  Resolution found = world.resolve("srv:_epmd._tcp.test");
  CHECK(found.outcome == Outcome::answered);
  CHECK(found.endpoints == std::vector<Endpoint>{{"192.0.2.1", 4370}});
  std::sort(found.unusable.begin(), found.unusable.end());
  CHECK(found.unusable ==
        std::vector<std::string>{
            "its SRV record has port 0 for zero.test",
            "its SRV record has the target '.', which says that there is no such service (RFC "
            "2782)",
            "its SRV target lost.test has no address"});
}

TEST_CASE("a service that is not there is an answer, one that is not told is none") {
  ResolverWorld world;
  CHECK(world.resolve("srv:nobody.test").outcome == Outcome::empty);
  world.dns.codes[FakeDns::srv] = FakeDns::server_failed;
  const Resolution found = world.resolve("srv:nobody.test");
  CHECK(found.outcome == Outcome::failed);
  CHECK_FALSE(found.is_sure_of("192.0.2.1"));
}

TEST_CASE("an address, and localhost, need nobody to be asked") {
  ResolverWorld world;
  CHECK(world.resolve("192.0.2.7").endpoints == std::vector<Endpoint>{{"192.0.2.7", 4369}});
  CHECK(world.resolve("[2001:db8::7]:4999").endpoints ==
        std::vector<Endpoint>{{"2001:db8::7", 4999}});
  CHECK(world.resolve("localhost").outcome == Outcome::answered);
  CHECK(world.dns.asked.empty());
}

TEST_CASE("all names of an address are found, of both families") {
  ResolverWorld world;
  world.dns.add_ptr("7.2.0.192.in-addr.arpa", "c1.net_poc");
  world.dns.add_ptr("7.2.0.192.in-addr.arpa", "alias.net_poc");
  world.dns.add_ptr("7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
                    "six.net");
  CHECK(world.reverse("192.0.2.7") == std::vector<std::string>{"c1.net_poc", "alias.net_poc"});
  CHECK(world.reverse("2001:db8::7") == std::vector<std::string>{"six.net"});
  CHECK(world.reverse("192.0.2.8").empty());
}

TEST_CASE("an answer that was dropped never comes, and harms nobody") {
  ResolverWorld world;
  world.dns.add_ipv4("web.test", "192.0.2.1");
  world.dns.add_srv("web.test", "web.test", 4370);
  for (const char* const text : {"web.test", "srv:web.test", "127.0.0.1"}) {
    const auto dropped = world.resolver->resolve(*discovery::parse_query(text),
                                                 [](const Resolution&) { FAIL("called back"); });
  }
  auto reverse = world.resolver->reverse("192.0.2.7", [](const auto&) { FAIL("called back"); });
  reverse.reset();
  CHECK(world.resolve("web.test").outcome == Outcome::answered);
}

TEST_CASE("a resolver may go while questions that were dropped are still with c-ares") {
  ResolverWorld world;
  world.dns.is_silent = true;
  auto pending = world.resolver->resolve(*discovery::parse_query("web.test"),
                                         [](const Resolution&) { FAIL("called back"); });
  world.loop.run_ready();
  pending.reset();
  world.resolver.reset();
}

TEST_CASE("a hundred hosts at once are all answered for") {
  ResolverWorld world;
  for (int i = 0; i < 100; ++i)
    world.dns.add_ipv4("n" + std::to_string(i) + ".test", "192.0.2." + std::to_string(i));
  std::vector<base::Pending> pending;
  size_t answered = 0;
  for (int i = 0; i < 100; ++i)
    pending.push_back(world.resolver->resolve(
        *discovery::parse_query("n" + std::to_string(i) + ".test"), [&](const Resolution& found) {
          CHECK(found.endpoints.size() == 1);
          ++answered;
        }));
  turn_until(world.loop, [&] { return answered == 100; });
}

TEST_CASE("a host is found by one address of either family, and the other is not waited for") {
  ResolverWorld world;
  const auto [answered, silent] =
      GENERATE(std::pair(FakeDns::a, FakeDns::aaaa), std::pair(FakeDns::aaaa, FakeDns::a));
  if (answered == FakeDns::a)
    world.dns.add_ipv4("web.test", "192.0.2.1");
  else
    world.dns.add_ipv6("web.test", "2001:db8::1");
  world.dns.silent_types = {silent};
  CHECK(world.finds("web.test"));
  // Nor has it been asked again.
  CHECK(world.dns.asked.size() == 2);
}

TEST_CASE("what has no address, or nobody answers for, is not found") {
  ResolverWorld world;
  world.dns.records[{"empty.test", FakeDns::a}] = {};
  CHECK_FALSE(world.finds("empty.test"));
  CHECK_FALSE(world.finds("unknown.test"));
  world.dns.is_silent = true;
  CHECK_FALSE(world.finds("silent.test"));
}

TEST_CASE("addresses and localhost are found without asking") {
  ResolverWorld world;
  for (const char* const host : {"192.0.2.1", "2001:db8::1", "localhost"}) CHECK(world.finds(host));
  CHECK(world.dns.asked.empty());
}

TEST_CASE("who asks twice is not told what was so the first time") {
  ResolverWorld world;
  world.dns.add_ipv4("web.test", "192.0.2.1");
  CHECK(world.resolve("web.test").endpoints.size() == 1);
  const size_t asked = world.dns.asked.size();
  world.dns.records.clear();
  CHECK(world.resolve("web.test").outcome == Outcome::empty);
  CHECK(world.dns.asked.size() == 2 * asked);
}

TEST_CASE("a nameserver at an IPv6 address is asked, with or without a port") {
  event::Loop loop;
  for (const char* const server : {"::1", "2001:db8::53", "[::1]:5353"})
    CHECK(Resolver::create(loop, server));
}

TEST_CASE("a nameserver list that is none is an error that shows it") {
  event::Loop loop;
  const auto resolver = Resolver::create(loop, "not-an-address");
  REQUIRE_FALSE(resolver);
  CHECK(resolver.error().message.find("not-an-address") != std::string::npos);
}
