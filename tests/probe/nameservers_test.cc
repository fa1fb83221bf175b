// What is asked of which nameserver, how long it is waited for, and in which domains.

#include <sys/resource.h>

#include "catch.h"
#include "event/turn.h"
#include "net/sockets.h"
#include "probe/fake_dns.h"
#include "probe/resolver_world.h"

using namespace std::chrono_literals;
using discovery::Endpoint;
using discovery::Resolution;
using probe::Resolver;
using Outcome = Resolution::Outcome;

TEST_CASE("a short name is looked for in the search domains") {
  SearchingWorld world;
  world.dns.add_ipv4("web.second.test", "192.0.2.1");
  CHECK(world.resolve("web").endpoints == std::vector<Endpoint>{{"192.0.2.1", 4369}});
  CHECK(world.dns.asked == std::vector<std::string>{"web.first.test/1", "web.first.test/28",
                                                    "web.second.test/1", "web.second.test/28"});
}

TEST_CASE("a name is found behind another one, though the server never answers for IPv6") {
  SearchingWorld world;
  world.dns.add_ipv4("web.second.test", "192.0.2.1");
  world.dns.silent_types = {FakeDns::aaaa};
  const Resolution found = world.resolve("web");
  CHECK(found.endpoints == std::vector<Endpoint>{{"192.0.2.1", 4369}});
  CHECK(found.is_sure_of("192.0.2.9"));
  CHECK(world.finds("web"));
}

TEST_CASE("while there are names that could not be asked for, nobody can be sure") {
  SearchingWorld world;
  // The first two have no address and never answer for IPv6, and there is no time for both.
  world.environment.set("LOCALDOMAIN", "first.test second.test third.test");
  world.dns.add("web.first.test", FakeDns::srv, "");
  world.dns.add("web.second.test", FakeDns::srv, "");
  world.dns.add_ipv4("web.third.test", "192.0.2.1");
  world.dns.silent_types = {FakeDns::aaaa};
  const Resolution found = world.resolve("web");
  CHECK(found.outcome == Outcome::failed);
  CHECK_FALSE(found.is_sure_of("192.0.2.1"));
}

TEST_CASE("a nameserver that is dead costs a moment, whatever is asked") {
  SearchingWorld world;
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
  ResolverWorld world;
  FakeDns other(world.loop);
  world.dns.add_ipv4("web.test", "192.0.2.1");
  REQUIRE(world.resolver->reread(world.dns.servers + "," + other.servers));
  for (int i = 0; i < 10; ++i) CHECK(world.resolve("web.test").outcome == Outcome::answered);
  CHECK(other.asked.empty());
}

TEST_CASE("a name that takes its time is found, each time, however quick the others are") {
  ResolverWorld world;
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
  ResolverWorld world;
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
  ResolverWorld world;
  FakeDns other(world.loop);
  REQUIRE(world.resolver->reread(world.dns.servers + "," + other.servers));
  world.dns.is_silent = other.is_silent = true;
  const auto begun = std::chrono::steady_clock::now();
  CHECK(world.reverse("192.0.2.2").empty());
  CHECK(std::chrono::steady_clock::now() - begun < Resolver::timeout + 1s);
}

TEST_CASE("what nobody waits for any more is not asked again") {
  ResolverWorld world;
  world.dns.is_silent = true;
  auto pending = world.resolver->is_resolvable("web.test", [](bool) { FAIL("called back"); });
  turn_until(world.loop, [&] { return world.dns.asked.size() == 2; });
  pending.reset();
  const auto begun = std::chrono::steady_clock::now();
  turn_until(world.loop, [&] { return std::chrono::steady_clock::now() - begun > 1s; });
  CHECK(world.dns.asked.size() == 2);
}

TEST_CASE("a silent server is no answer, after a bounded time") {
  ResolverWorld world;
  world.dns.is_silent = true;
  const auto begun = std::chrono::steady_clock::now();
  const Resolution found = world.resolve("web.test");
  CHECK(found.outcome == Outcome::failed);
  CHECK(found.is_ipv4_failed);
  CHECK(found.is_ipv6_failed);
  CHECK(std::chrono::steady_clock::now() - begun >= 1s);
  CHECK(world.dns.asked.size() >= 4);  // it was asked again
}

TEST_CASE("a nameserver that is not there is a failure, and is told once") {
  ResolverWorld world;
  const std::string nobody = listen_on_loopback().address.to_string();
  REQUIRE(world.resolver->reread(nobody));
  for (int i = 0; i < 20; ++i) {
    const Resolution found = world.resolve("web.test");
    CHECK(found.outcome == Outcome::failed);
    CHECK(found.endpoints.empty());
    CHECK(found.why.ends_with(": refused: nothing listens there, or no way leads there"));
    CHECK(world.reverse("192.0.2.1").empty());
  }
}

TEST_CASE("a nameserver that is silent is said to be, in our words") {
  ResolverWorld world;
  FakeDns other(world.loop);
  world.dns.is_silent = other.is_silent = true;
  REQUIRE(world.resolver->reread(world.dns.servers + "," + other.servers));
  CHECK(world.resolve("web.test").why.find("no answer") != std::string::npos);
}

TEST_CASE("what was asked is answered, whoever is asked from then on") {
  ResolverWorld world;
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

TEST_CASE("without descriptors nobody can be sure, and later all is well again") {
  ResolverWorld world;
  world.dns.add_ipv4("web.test", "192.0.2.1");
  rlimit before = {};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  const rlimit none = {3, before.rlim_max};
  REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
  const Resolution found = world.resolve("web.test");
  const bool is_found = world.finds("web.test");
  const auto names = world.reverse("192.0.2.1");
  REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(found.outcome == Outcome::failed);
  CHECK_FALSE(found.is_sure_of("192.0.2.1"));
  CHECK_FALSE(is_found);
  CHECK(names.empty());
  CHECK(world.resolve("web.test").outcome == Outcome::answered);
}
