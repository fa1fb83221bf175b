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
}

TEST_CASE("a port that nobody listens on has no holder") { CHECK(net::port_holder(1).empty()); }
