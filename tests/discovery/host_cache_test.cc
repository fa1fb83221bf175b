#include "discovery/host_cache.h"

#include "catch.h"

using namespace std::chrono_literals;
using discovery::HostCache;
using discovery::Resolution;
using discovery::Time;
using Outcome = discovery::Resolution::Outcome;
using Match = discovery::HostCache::Match;

namespace {

const Resolution here = {Outcome::answered, {{"10.0.0.2", 0}}};
const Resolution there = {Outcome::answered, {{"10.0.0.3", 0}}};
const Resolution both = {Outcome::answered, {{"10.0.0.2", 0}, {"10.0.0.3", 0}}};
const Resolution nowhere = {Outcome::empty, {}};
const Resolution failed = {Outcome::failed, {}};

const std::string ip = "10.0.0.2";

struct Book : HostCache {
  void learn(const Resolution& resolution, Time now) {
    HostCache::learn("h", {ip}, resolution, {"10.0.0.1"}, now);
  }
  Match match() const { return HostCache::match("h", ip); }
  bool is_due(Time now) const { return HostCache::is_due("h", ip, now); }
};

}  // namespace

TEST_CASE("where a host part leads is what the DNS answered last") {
  Book book;
  CHECK(book.match() == Match::unknown);
  book.learn(here, 0s);
  CHECK(book.match() == Match::resolves_here);
  book.learn(there, 1s);
  CHECK(book.match() == Match::leads_elsewhere);
  book.learn(both, 2s);
  CHECK(book.match() == Match::resolves_here);
  book.learn(nowhere, 3s);
  CHECK(book.match() == Match::leads_nowhere);
}

TEST_CASE("a failure leaves what is known, and what it found counts") {
  Book book;
  book.learn(failed, 0s);
  CHECK(book.match() == Match::unknown);
  book.learn({Outcome::failed, {{"10.0.0.2", 0}}}, 1s);
  CHECK(book.match() == Match::resolves_here);
  book.learn(failed, 2s);
  CHECK(book.match() == Match::resolves_here);
  book.learn(there, 3s);
  book.learn(failed, 4s);
  CHECK(book.match() == Match::leads_elsewhere);
}

TEST_CASE("half an answer does not say where a host part does not lead") {
  Book book;
  book.learn({Outcome::failed, {{"10.0.0.3", 0}}}, 0s);
  CHECK(book.match() == Match::unknown);
}

TEST_CASE("what only the hosts file has is not what other hosts see") {
  using Ips = std::set<std::string>;
  Resolution from_file = here;
  from_file.hosts_file_only = {ip};
  Book book;
  book.learn(from_file, 0s);
  CHECK(book.match() == Match::resolves_here);
  CHECK(book.ips_of("h") == Ips{ip});
  CHECK(book.dns_ips_of("h").empty());
  book.learn(here, 1s);
  CHECK(book.dns_ips_of("h") == Ips{ip});
  SECTION("while the DNS fails, what it said before counts") {
    from_file.outcome = Outcome::failed;
    book.learn(from_file, 2s);
    CHECK(book.dns_ips_of("h") == Ips{ip});
  }
  SECTION("when the DNS says otherwise, that counts") {
    from_file.is_ipv4_failed = from_file.is_ipv6_failed = false;
    book.learn(from_file, 2s);
    CHECK(book.dns_ips_of("h").empty());
  }
}

TEST_CASE("what did not lead where it should is due at once when it is to be tried again") {
  Book book;
  book.learn(nowhere, 0s);
  CHECK_FALSE(book.is_due(1ms));
  book.retry_misses();
  CHECK(book.is_due(1ms));
  book.learn(here, 1ms);
  book.retry_misses();
  CHECK_FALSE(book.is_due(2ms));
}

TEST_CASE("an address as host part leads to itself") {
  const HostCache book;
  CHECK(book.match(ip, ip) == Match::resolves_here);
  CHECK_FALSE(book.is_due(ip, ip, 0s));
  CHECK(book.match(ip, "10.0.0.3") == Match::unknown);
  CHECK(book.is_due(ip, "10.0.0.3", 0s));
}

TEST_CASE("one that leads there is looked up again after a minute") {
  Book book;
  CHECK(book.is_due(0s));
  for (Time now = 0s; now < 10min; now += 1min) {
    CHECK(book.is_due(now));
    book.learn(here, now);
    CHECK_FALSE(book.is_due(now + 59999ms));
  }
}

TEST_CASE("one that does not is looked up ever more seldom, down to once a minute") {
  Book book;
  Time now = 0s;
  for (const Time wait :
       {500ms, 1000ms, 2000ms, 4000ms, 8000ms, 16000ms, 32000ms, 60000ms, 60000ms}) {
    book.learn(nowhere, now);
    INFO(wait.count());
    CHECK_FALSE(book.is_due(now + wait - 1ms));
    CHECK(book.is_due(now + wait));
    now += wait;
  }
}

TEST_CASE("one that led there for long is looked up at once for another address") {
  Book book;
  for (Time now = 0s; now <= 1h; now += 1min) book.learn(here, now);
  CHECK_FALSE(book.HostCache::is_due("h", "10.0.0.9", 1h + 499ms));
  CHECK(book.HostCache::is_due("h", "10.0.0.9", 1h + 500ms));
}

TEST_CASE("host parts that nobody needs any more are forgotten") {
  Book book;
  book.learn(here, 0s);
  book.HostCache::learn("other", {ip}, here, {}, 1min);
  book.forget_unused(2min);
  CHECK(book.size() == 2);
  book.forget_unused(2min + 1ms);
  CHECK(book.size() == 1);
  CHECK(book.match() == Match::unknown);
}

TEST_CASE("the hosts file goes before the DNS, for each family of addresses") {
  Book book;
  Resolution stale = {Outcome::answered, {{"10.0.0.2", 0}, {"10.0.0.9", 0}, {"fd00::2", 0}}};
  stale.hosts_file_only = stale.in_hosts_file = {"10.0.0.9"};
  book.learn(stale, 0s);
  CHECK(book.match() == Match::leads_elsewhere);
  CHECK(book.HostCache::match("h", "10.0.0.9") == Match::resolves_here);
  CHECK(book.HostCache::match("h", "fd00::2") == Match::resolves_here);
  CHECK(book.ips_of("h") == std::set<std::string>{"10.0.0.9", "fd00::2"});
  CHECK(book.dns_ips_of("h") == std::set<std::string>{"10.0.0.2", "fd00::2"});
  book.learn(here, 1s);
  CHECK(book.match() == Match::resolves_here);
}

TEST_CASE("what the hosts file says of this host itself replaces nothing") {
  Book book;
  Resolution own = {Outcome::answered, {{"10.0.0.1", 0}, {"10.0.0.2", 0}, {"127.0.1.1", 0}}};
  own.hosts_file_only = own.in_hosts_file = {"10.0.0.1", "127.0.1.1"};
  book.learn(own, 0s);
  CHECK(book.match() == Match::resolves_here);
}

TEST_CASE("nobody is asked for a host part that is a number") {
  const HostCache book;
  CHECK(book.match("2", "0.0.0.2") == Match::resolves_here);
  CHECK(book.match("2", ip) == Match::leads_elsewhere);
  CHECK(book.match("104857600123", ip) == Match::leads_nowhere);
  CHECK_FALSE(book.is_due("104857600123", ip, 0s));
}
