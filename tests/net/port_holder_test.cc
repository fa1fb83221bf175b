#include "net/port_holder.h"

#include <unistd.h>

#include "catch.h"
#include "net/listening.h"

TEST_CASE("who listens on a port is named") {
  const auto plan = net::plan_listening("127.0.0.1", 0);
  REQUIRE(plan);
  const net::Listening listening = net::listen_on(*plan);
  REQUIRE_FALSE(listening.sockets.empty());
  const std::string holder = net::port_holder(listening.sockets.front().address.port());
  CHECK(holder == "unit_tests (process " + std::to_string(getpid()) + ")");
  const auto words = net::holder_command_line(listening.sockets.front().address.port());
  REQUIRE_FALSE(words.empty());
  CHECK(words.front().ends_with("unit_tests"));
}

TEST_CASE("a port that nobody listens on has no holder") {
  CHECK(net::port_holder(1).empty());
  CHECK(net::holder_command_line(1).empty());
}

TEST_CASE("all that hold a listening socket are found") {
  const auto plan = net::plan_listening("127.0.0.1", 0);
  REQUIRE(plan);
  const net::Listening listening = net::listen_on(*plan);
  REQUIRE_FALSE(listening.sockets.empty());
  const auto names = net::listening_sockets(listening.sockets.front().address.port());
  CHECK(names.size() == listening.sockets.size());
  CHECK(net::holders_of(names) == std::vector<pid_t>{getpid()});
  CHECK(net::holders_of({"socket:[0]"}).empty());
}
