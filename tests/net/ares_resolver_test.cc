#include "net/ares_resolver.h"

#include <algorithm>
#include <optional>

#include "catch.h"
#include "environment.h"
#include "net/fake_dns.h"
#include "net/sockets.h"
#include "net/turn.h"

using namespace std::chrono_literals;
using discovery::Endpoint;
using discovery::Query;
using discovery::Resolution;
using net::AresResolver;
using Outcome = Resolution::Outcome;

namespace {

struct World {
  World() : resolver(std::move(*AresResolver::create(loop, dns.servers))) {}

  Resolution resolve(const std::string& text) {
    std::optional<Resolution> resolution;
    const auto pending =
        resolver->resolve(*discovery::parse_query(text, 4369),
                          [&](Resolution found) { resolution = std::move(found); });
    CHECK_FALSE(resolution);  // never from within the call
    turn_until(loop, [&] { return resolution.has_value(); });
    std::sort(resolution->endpoints.begin(), resolution->endpoints.end());
    return *resolution;
  }
  std::vector<std::string> reverse(const std::string& ip) {
    std::optional<std::vector<std::string>> names;
    const auto pending =
        resolver->reverse(ip, [&](std::vector<std::string> found) { names = std::move(found); });
    turn_until(loop, [&] { return names.has_value(); });
    return *names;
  }

  bool finds(const std::string& host) {
    std::optional<bool> found;
    const auto pending = resolver->find(host, [&](bool is_found) { found = is_found; });
    CHECK_FALSE(found);
    turn_until(loop, [&] { return found.has_value(); });
    return *found;
  }

  net::Loop loop;
  FakeDns dns{loop};
  std::unique_ptr<AresResolver> resolver;
};

}  // namespace

TEST_CASE("a host's IPv4 and IPv6 addresses are asked for together") {
  World world;
  world.dns.add_ipv4("web.test", "192.0.2.1");
  world.dns.add_ipv4("web.test", "192.0.2.2");
  world.dns.add_ipv6("web.test", "2001:db8::1");
  const Resolution found = world.resolve("web.test:4999");
  CHECK(found.outcome == Outcome::answered);
  CHECK(found.endpoints ==
        std::vector<Endpoint>{{"192.0.2.1", 4999}, {"192.0.2.2", 4999}, {"2001:db8::1", 4999}});
}

TEST_CASE("an address that is listed twice is one endpoint") {
  World world;
  world.dns.add_ipv4("web.test", "192.0.2.1");
  world.dns.add_ipv4("web.test", "192.0.2.1");
  CHECK(world.resolve("web.test").endpoints.size() == 1);
}

TEST_CASE("a name that does not exist, or has no addresses, is an answer") {
  World world;
  CHECK(world.resolve("nobody.test").outcome == Outcome::empty);
  world.dns.add("bare.test", FakeDns::srv, "");
  CHECK(world.resolve("bare.test").outcome == Outcome::empty);
}

TEST_CASE("a short name is looked for in the search domains") {
  Environment environment;
  environment.set("LOCALDOMAIN", "first.test second.test");
  environment.set("RES_OPTIONS", "ndots:2");
  World world;
  world.dns.add_ipv4("web.second.test", "192.0.2.1");
  CHECK(world.resolve("web").endpoints == std::vector<Endpoint>{{"192.0.2.1", 4369}});
  CHECK(world.dns.asked == std::vector<std::string>{"web.first.test/1", "web.first.test/28",
                                                    "web.second.test/1", "web.second.test/28"});
}

TEST_CASE("a name is found behind another one, though the server never answers for IPv6") {
  Environment environment;
  environment.set("LOCALDOMAIN", "first.test second.test");
  environment.set("RES_OPTIONS", "ndots:2");
  World world;
  world.dns.add_ipv4("web.second.test", "192.0.2.1");
  world.dns.silent_types = {FakeDns::aaaa};
  const Resolution found = world.resolve("web");
  CHECK(found.endpoints == std::vector<Endpoint>{{"192.0.2.1", 4369}});
  CHECK(found.is_sure_of("192.0.2.9"));
  CHECK(world.finds("web"));
}

TEST_CASE("while there are names that could not be asked for, nobody can be sure") {
  Environment environment;
  environment.set("LOCALDOMAIN", "first.test second.test");
  environment.set("RES_OPTIONS", "ndots:2");
  World world;
  world.dns.add("web.first.test", FakeDns::srv, "");  // it is there, and has no address
  world.dns.add_ipv4("web.second.test", "192.0.2.1");
  world.dns.silent_types = {FakeDns::aaaa};
  const Resolution found = world.resolve("web");
  CHECK(found.outcome == Outcome::failed);
  CHECK_FALSE(found.is_sure_of("192.0.2.1"));
}

TEST_CASE("a nameserver that is dead costs a moment, whatever is asked") {
  Environment environment;
  environment.set("LOCALDOMAIN", "first.test second.test");
  environment.set("RES_OPTIONS", "ndots:2");
  World world;
  FakeDns dead(world.loop);
  dead.is_silent = true;
  const bool are_two_dead = GENERATE(false, true);
  const std::string first = are_two_dead ? dead.servers + "," : "";
  REQUIRE(world.resolver->reread(first + dead.servers + "," + world.dns.servers));
  world.dns.add_ipv4("web.second.test", "192.0.2.1");
  world.dns.add_srv("_epmd._tcp.test", "web.second.test", 4370);
  CHECK(world.resolve("web.second.test").outcome == Outcome::answered);
  if (are_two_dead) return;  // there is no time for two names
  CHECK(world.resolve("web").outcome == Outcome::answered);
  CHECK(world.resolve("srv:_epmd._tcp.test").endpoints ==
        std::vector<Endpoint>{{"192.0.2.1", 4370}});
}

TEST_CASE("the first nameserver is asked first, also where the system takes turns") {
  Environment environment;
  environment.set("RES_OPTIONS", "rotate");
  World world;
  FakeDns other(world.loop);
  world.dns.add_ipv4("web.test", "192.0.2.1");
  REQUIRE(world.resolver->reread(world.dns.servers + "," + other.servers));
  for (int i = 0; i < 10; ++i) CHECK(world.resolve("web.test").outcome == Outcome::answered);
  CHECK(other.asked.empty());
}

TEST_CASE("a name that takes its time is found, each time, however quick the others are") {
  World world;
  world.dns.add_ipv4("quick.test", "192.0.2.1");
  world.dns.add_ipv4("slow.test", "192.0.2.2");
  world.dns.add_ptr("2.2.0.192.in-addr.arpa", "slow.test");
  world.dns.delays = {{"slow.test", 800ms}, {"2.2.0.192.in-addr.arpa", 800ms}};
  for (int i = 0; i < 5; ++i) CHECK(world.resolve("quick.test").outcome == Outcome::answered);
  for (int i = 0; i < 2; ++i) {
    CHECK(world.resolve("slow.test").outcome == Outcome::answered);
    CHECK(world.reverse("192.0.2.2") == std::vector<std::string>{"slow.test"});
  }
}

TEST_CASE("a question that one nameserver lost sends no later one elsewhere") {
  World world;
  FakeDns other(world.loop);
  world.dns.add_ipv4("web.test", "192.0.2.1");
  REQUIRE(world.resolver->reread(world.dns.servers + "," + other.servers));
  world.dns.is_silent = true;
  CHECK(world.resolve("web.test").outcome == Outcome::empty);  // so the other one says
  world.dns.is_silent = false;
  const size_t asked = other.asked.size();
  for (int i = 0; i < 3; ++i) CHECK(world.resolve("web.test").outcome == Outcome::answered);
  CHECK(other.asked.size() == asked);
}

TEST_CASE("names of an address are waited for as long as addresses of a name") {
  World world;
  FakeDns other(world.loop);
  REQUIRE(world.resolver->reread(world.dns.servers + "," + other.servers));
  world.dns.is_silent = other.is_silent = true;
  const auto begun = std::chrono::steady_clock::now();
  CHECK(world.reverse("192.0.2.2").empty());
  CHECK(std::chrono::steady_clock::now() - begun < AresResolver::patience + 1s);
}

TEST_CASE("what nobody waits for any more is not asked again") {
  World world;
  world.dns.is_silent = true;
  auto pending = world.resolver->find("web.test", [](bool) { FAIL("called back"); });
  turn_until(world.loop, [&] { return world.dns.asked.size() == 2; });
  pending.reset();
  const auto begun = std::chrono::steady_clock::now();
  turn_until(world.loop, [&] { return std::chrono::steady_clock::now() - begun > 1s; });
  CHECK(world.dns.asked.size() == 2);
}

TEST_CASE("a server that fails or refuses is no answer, and is named") {
  World world;
  world.dns.add_ipv4("web.test", "192.0.2.1");
  const auto code = GENERATE(FakeDns::server_failed, FakeDns::refused);
  world.dns.codes_of_names["web.test"] = code;
  const Resolution found = world.resolve("web.test");
  CHECK(found.outcome == Outcome::failed);
  CHECK(found.endpoints.empty());
  CHECK(found.why.find("127.0.0.1") != std::string::npos);
}

TEST_CASE("a silent server is no answer, after a bounded time") {
  World world;
  world.dns.is_silent = true;
  const auto begun = std::chrono::steady_clock::now();
  const Resolution found = world.resolve("web.test");
  CHECK(found.outcome == Outcome::failed);
  CHECK(found.is_ipv4_failed);
  CHECK(found.is_ipv6_failed);
  CHECK(std::chrono::steady_clock::now() - begun >= 1s);
  CHECK(world.dns.asked.size() >= 4);  // it was asked again
}

TEST_CASE("a server that answers for one family only fails for the other") {
  World world;
  world.dns.add_ipv4("web.test", "192.0.2.1");
  world.dns.codes[FakeDns::aaaa] = FakeDns::server_failed;
  const Resolution found = world.resolve("web.test");
  CHECK(found.outcome == Outcome::failed);
  CHECK(found.endpoints == std::vector<Endpoint>{{"192.0.2.1", 4369}});
  CHECK(found.is_sure_of("192.0.2.9"));
  CHECK_FALSE(found.is_sure_of("2001:db8::1"));
}

TEST_CASE("what does not fit into a datagram is asked for over TCP, to the last address") {
  World world;
  for (int i = 1; i <= 200; ++i) world.dns.add_ipv4("web.test", "192.0.2." + std::to_string(i));
  const Resolution found = world.resolve("web.test");
  CHECK(found.outcome == Outcome::answered);
  CHECK(found.endpoints.size() == 200);
  CHECK(world.dns.asked_over_tcp > 0);
}

TEST_CASE("larger datagrams are asked for, so that TCP is seldom needed") {
  World world;
  world.dns.udp_bytes_max = 1232;
  for (int i = 1; i <= 30; ++i) world.dns.add_ipv4("web.test", "192.0.2." + std::to_string(i));
  CHECK(world.resolve("web.test").endpoints.size() == 30);
  CHECK(world.dns.asked_over_tcp == 0);
  CHECK(world.dns.edns_bytes == 1232);
}

TEST_CASE("an SRV record leads to its targets' addresses at their ports") {
  World world;
  world.dns.add_srv("_epmd._tcp.test", "one.test", 4370);
  world.dns.add_srv("_epmd._tcp.test", "two.test", 4371);
  world.dns.add_ipv4("one.test", "192.0.2.1");
  world.dns.add_ipv6("two.test", "2001:db8::2");
  const Resolution found = world.resolve("srv:_epmd._tcp.test");
  CHECK(found.outcome == Outcome::answered);
  CHECK(found.endpoints == std::vector<Endpoint>{{"192.0.2.1", 4370}, {"2001:db8::2", 4371}});
}

TEST_CASE("an SRV record whose target cannot be resolved is a failure, with what was found") {
  World world;
  world.dns.add_srv("_epmd._tcp.test", "one.test", 4370);
  world.dns.add_srv("_epmd._tcp.test", "two.test", 4371);
  world.dns.add_ipv4("one.test", "192.0.2.1");
  world.dns.codes_of_names["two.test"] = FakeDns::server_failed;
  const Resolution found = world.resolve("srv:_epmd._tcp.test");
  CHECK(found.outcome == Outcome::failed);
  CHECK(found.endpoints == std::vector<Endpoint>{{"192.0.2.1", 4370}});
}

TEST_CASE("a service that is not there is an answer, one that is not told is none") {
  World world;
  CHECK(world.resolve("srv:nobody.test").outcome == Outcome::empty);
  world.dns.codes[FakeDns::srv] = FakeDns::server_failed;
  const Resolution found = world.resolve("srv:nobody.test");
  CHECK(found.outcome == Outcome::failed);
  CHECK_FALSE(found.is_sure_of("192.0.2.1"));
}

TEST_CASE("an address, and localhost, need nobody to be asked") {
  World world;
  CHECK(world.resolve("192.0.2.7").endpoints == std::vector<Endpoint>{{"192.0.2.7", 4369}});
  CHECK(world.resolve("[2001:db8::7]:4999").endpoints ==
        std::vector<Endpoint>{{"2001:db8::7", 4999}});
  CHECK(world.resolve("localhost").outcome == Outcome::answered);
  CHECK(world.dns.asked.empty());
}

TEST_CASE("all names of an address are found, of both families") {
  World world;
  world.dns.add_ptr("7.2.0.192.in-addr.arpa", "c1.net_poc");
  world.dns.add_ptr("7.2.0.192.in-addr.arpa", "alias.net_poc");
  world.dns.add_ptr("7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
                    "six.net");
  CHECK(world.reverse("192.0.2.7") == std::vector<std::string>{"c1.net_poc", "alias.net_poc"});
  CHECK(world.reverse("2001:db8::7") == std::vector<std::string>{"six.net"});
  CHECK(world.reverse("192.0.2.8").empty());
}

TEST_CASE("an answer that was dropped never comes, and harms nobody") {
  World world;
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
  World world;
  world.dns.is_silent = true;
  auto pending = world.resolver->resolve(*discovery::parse_query("web.test"),
                                         [](const Resolution&) { FAIL("called back"); });
  world.loop.run_ready();
  pending.reset();
  world.resolver.reset();
}

TEST_CASE("a hundred hosts at once are all answered for") {
  World world;
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
  World world;
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
  World world;
  world.dns.records[{"empty.test", FakeDns::a}] = {};
  CHECK_FALSE(world.finds("empty.test"));
  CHECK_FALSE(world.finds("unknown.test"));
  world.dns.is_silent = true;
  CHECK_FALSE(world.finds("silent.test"));
}

TEST_CASE("addresses and localhost are found without asking") {
  World world;
  for (const char* const host : {"192.0.2.1", "2001:db8::1", "localhost"}) CHECK(world.finds(host));
  CHECK(world.dns.asked.empty());
}

TEST_CASE("who asks twice is not told what was so the first time") {
  World world;
  world.dns.add_ipv4("web.test", "192.0.2.1");
  CHECK(world.resolve("web.test").endpoints.size() == 1);
  const size_t asked = world.dns.asked.size();
  world.dns.records.clear();
  CHECK(world.resolve("web.test").outcome == Outcome::empty);
  CHECK(world.dns.asked.size() == 2 * asked);
}

TEST_CASE("a nameserver that is not there is a failure, and is told once") {
  World world;
  const std::string nobody = listen_on_loopback().address.to_string();
  REQUIRE(world.resolver->reread(nobody));
  for (int i = 0; i < 20; ++i) {
    const Resolution found = world.resolve("web.test");
    CHECK(found.outcome == Outcome::failed);
    CHECK(found.endpoints.empty());
    CHECK(world.reverse("192.0.2.1").empty());
  }
}

TEST_CASE("what was asked is answered, whoever is asked from then on") {
  World world;
  world.dns.add_ipv4("web.test", "192.0.2.1");
  std::optional<Resolution> resolution;
  const auto pending =
      world.resolver->resolve(*discovery::parse_query("web.test"),
                              [&](Resolution found) { resolution = std::move(found); });
  REQUIRE(world.resolver->reread("127.0.0.1:1"));
  REQUIRE(world.resolver->reread("127.0.0.1:2"));
  turn_until(world.loop, [&] { return resolution.has_value(); });
  CHECK(resolution->endpoints == std::vector<Endpoint>{{"192.0.2.1", 4369}});
}

TEST_CASE("a nameserver list that is none is an error that shows it") {
  net::Loop loop;
  const auto resolver = AresResolver::create(loop, "not-an-address");
  REQUIRE_FALSE(resolver);
  CHECK(resolver.error().message.find("not-an-address") != std::string::npos);
}
