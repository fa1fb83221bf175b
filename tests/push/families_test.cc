#include "push/families.h"

#include "catch.h"

using discovery::LocalNode;
using discovery::Sighting;
using push::Families;

namespace {

constexpr uint16_t over_ipv4 = 4000;
constexpr uint16_t over_ipv6 = 6000;

Sighting seen(const std::string& name, const std::string& ip) {
  Sighting found;
  found.name = *dist::parse_node_name(name);
  found.node = {ip, 4444};
  found.queries = {"web"};
  return found;
}

LocalNode local(uint16_t port_no) {
  return {*dist::parse_node_name("me@here"), {"127.0.0.1", port_no}, 3, 0};
}

Sighting neighbour(uint16_t port_no) {
  Sighting found;
  found.name = *dist::parse_node_name("you@here");
  found.node = {"127.0.0.1", port_no};
  return found;
}

struct World {
  World() {
    discovery::Sightings sightings;
    sightings.seen = {seen("four@a", "172.18.0.3"), seen("six@b", "fd00::4"),
                      seen("both@c", "172.18.0.5"), seen("both@c", "fd00::5")};
    families.take(sightings);
  }

  bool can(uint16_t port_no, const std::string& name) {
    return families.can_connect(local(port_no), seen(name, "172.18.0.3"));
  }

  int asked = 0;
  Families families{[this](uint16_t port_no) -> base::Result<bool> {
    ++asked;
    if (port_no != over_ipv4 && port_no != over_ipv6) return base::Error{"nobody knows"};
    return port_no == over_ipv6;
  }};
};

}  // namespace

TEST_CASE("a node connects to peers that were found over its own family of addresses") {
  World it;
  CHECK(it.can(over_ipv4, "four@a"));
  CHECK_FALSE(it.can(over_ipv4, "six@b"));
  CHECK(it.can(over_ipv4, "both@c"));
  CHECK_FALSE(it.can(over_ipv6, "four@a"));
  CHECK(it.can(over_ipv6, "six@b"));
  CHECK(it.can(over_ipv6, "both@c"));
  CHECK(it.asked == 2);  // once for each life of a node
}

TEST_CASE("what is not known of a family keeps nobody apart") {
  World it;
  CHECK(it.can(7, "four@a"));
  CHECK(it.can(7, "six@b"));
  CHECK(it.can(over_ipv6, "other@d"));
}

TEST_CASE("of two neighbours the one over IPv4 connects to the one over IPv6") {
  World it;
  CHECK(it.families.can_connect(local(over_ipv4), neighbour(over_ipv6)));
  CHECK_FALSE(it.families.can_connect(local(over_ipv6), neighbour(over_ipv4)));
  CHECK(it.families.can_connect(local(over_ipv6), neighbour(over_ipv6)));
  CHECK(it.families.can_connect(local(over_ipv6), neighbour(7)));
}
