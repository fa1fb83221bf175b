// Which questions share a c-ares channel, and that none is the worse for it.

#include "dns/channels.h"

#include <arpa/nameser.h>

#include <algorithm>
#include <map>

#include "catch.h"
#include "event/timer.h"
#include "event/turn.h"
#include "probe/fake_dns.h"

using namespace std::chrono_literals;
using dns::Channels;

namespace {

/// Questions for IPv4 addresses, to a nameserver of the test. A channel has a socket of its own.
struct Asking {
  void ask(const std::string& name) {
    pending[name] = channels->ask(name, ns_t_a, [this, name](int status, std::string_view) {
      statuses[name] = status;
      pending.erase(name);
    });
  }
  void wait_for_all() {
    turn_until(loop, [this] { return pending.empty(); });
  }
  void wait_for(std::chrono::milliseconds time) {
    event::Timer timer(loop);
    timer.start(time, [] {});
    turn_until(loop, [&timer] { return !timer.is_running(); });
  }
  auto times_asked(const std::string& name) const {
    return std::count(dns.asked.begin(), dns.asked.end(), name + "/1");
  }

  event::Loop loop;
  FakeDns dns{loop};
  std::shared_ptr<Channels> channels = *Channels::create(loop, dns.servers);
  std::map<std::string, base::Pending> pending = {};
  std::map<std::string, int> statuses = {};
};

}  // namespace

TEST_CASE("questions that begin together share a channel, up to a number") {
  Asking asking;
  for (size_t i = 0; i < Channels::questions_max; ++i) asking.ask("n" + std::to_string(i));
  asking.wait_for_all();
  CHECK(asking.dns.asked_from.size() == 1);
  for (size_t i = 0; i < 2 * Channels::questions_max + 1; ++i) asking.ask("m" + std::to_string(i));
  asking.wait_for_all();
  CHECK(asking.dns.asked_from.size() == 4);
}

TEST_CASE("a channel that has heard something takes no new question") {
  Asking asking;
  asking.dns.delays = {{"slow", 300ms}};
  asking.ask("slow");
  asking.ask("quick");
  turn_until(asking.loop, [&] { return asking.pending.size() == 1; });
  asking.ask("late");
  asking.wait_for_all();
  CHECK(asking.dns.asked_from.size() == 2);
}

TEST_CASE("a channel takes no new question after a moment") {
  Asking asking;
  asking.dns.is_silent = true;
  asking.ask("early");
  asking.wait_for(dns::SystemFiles::retention);
  asking.ask("late");
  turn_until(asking.loop, [&] { return asking.times_asked("late") == 1; });
  CHECK(asking.dns.asked_from.size() == 2);
}

TEST_CASE("a name that takes its time is found beside quick ones on its channel") {
  Asking asking;
  const auto time = GENERATE(800ms, 1000ms);
  asking.dns.delays = {{"slow", time}};
  asking.dns.add_ipv4("slow", "192.0.2.1");
  asking.ask("slow");
  for (int i = 0; i < 10; ++i) asking.ask("n" + std::to_string(i));
  asking.wait_for_all();
  CHECK(asking.statuses.at("slow") == ARES_SUCCESS);
}

TEST_CASE("a question that is dropped is asked no more, though others go on with its channel") {
  Asking asking;
  asking.dns.is_silent = true;
  asking.ask("dropped");
  asking.ask("kept");
  turn_until(asking.loop, [&] { return asking.dns.asked.size() == 2; });
  asking.pending.erase("dropped");
  turn_until(asking.loop, [&] { return asking.times_asked("kept") == 3; });
  CHECK(asking.times_asked("dropped") == 1);
}

TEST_CASE("what a nameserver refuses or fails to tell one question, it is asked again") {
  Asking asking;
  const auto code = GENERATE(FakeDns::server_failed, FakeDns::refused);
  asking.dns.codes_of_names = {{"unlucky", code}};
  asking.ask("unlucky");
  asking.ask("lucky");
  turn_until(asking.loop, [&] { return asking.times_asked("unlucky") == 1; });
  asking.dns.codes_of_names.clear();
  asking.dns.add_ipv4("unlucky", "192.0.2.1");
  asking.wait_for_all();
  CHECK(asking.statuses.at("unlucky") == ARES_SUCCESS);
  CHECK(asking.times_asked("lucky") == 1);
}

TEST_CASE("one question that a nameserver lost sends none of the others elsewhere") {
  Asking asking;
  FakeDns other(asking.loop);
  asking.channels = *Channels::create(asking.loop, asking.dns.servers + "," + other.servers);
  asking.dns.delays = {{"lost", 10s}};
  asking.ask("lost");
  for (int i = 0; i < 10; ++i) asking.ask("n" + std::to_string(i));
  asking.wait_for_all();
  for (int i = 0; i < 10; ++i) asking.ask("m" + std::to_string(i));
  asking.wait_for_all();
  CHECK(other.asked == std::vector<std::string>{"lost/1"});
}

TEST_CASE("truncated answers are asked for over TCP, each on a connection of its own") {
  Asking asking;
  for (int i = 0; i < 100; ++i)
    for (const std::string name : {"long", "longer"})
      asking.dns.add_ipv4(name, "192.0.2." + std::to_string(i));
  asking.ask("long");
  asking.ask("longer");
  asking.ask("short");
  asking.wait_for_all();
  CHECK(asking.statuses.at("long") == ARES_SUCCESS);
  CHECK(asking.statuses.at("longer") == ARES_SUCCESS);
  CHECK(asking.dns.asked_over_tcp == 2);
  CHECK(asking.dns.asked.size() == 5);
}

TEST_CASE("a datagram that is longer than it may be is asked for over TCP") {
  Asking asking;
  asking.dns.udp_bytes_max = 4000;
  for (int i = 0; i < 100; ++i) asking.dns.add_ipv4("long", "192.0.2." + std::to_string(i));
  size_t bytes = 0;
  const auto pending = asking.channels->ask(
      "long", ns_t_a, [&bytes](int, std::string_view answer) { bytes = answer.size(); });
  turn_until(asking.loop, [&bytes] { return bytes > 0; });
  CHECK(bytes > 1600);
}
