#include "push/peers.h"

#include "catch.h"

using discovery::LocalNode;
using discovery::Sighting;
using push::Peers;

namespace {

constexpr uint64_t otp_23 = 0x101df7fbd;
constexpr uint64_t otp_25 = 0xd07df7fbd;
constexpr uint64_t hidden = otp_25 & ~dist::flags::published;

LocalNode local(const std::string& name, uint64_t flags = otp_25) {
  return {*dist::parse_node_name(name), {"127.0.0.1", 5000}, 3, flags};
}

Sighting sighting(const std::string& name, uint64_t flags = otp_25) {
  Sighting seen;
  seen.name = *dist::parse_node_name(name);
  seen.node = {"172.18.0.3", 4000};
  seen.is_verified = true;
  seen.creation = 9;
  seen.flags = flags;
  return seen;
}

std::vector<std::string> names_of(const Peers& peers) {
  std::vector<std::string> names;
  for (const auto& [name, peer] : peers) names.push_back(name);
  return names;
}

}  // namespace

TEST_CASE("a node's peers are the members and its visible neighbours, and not itself") {
  discovery::Members members;
  members["a@far"] = {sighting("a@far")};
  members["me@here"] = {sighting("me@here")};
  discovery::Sightings sightings;
  sightings.locals = {local("me@here"), local("you@here"), local("spy@here", hidden)};
  const Peers peers = push::peers_of(sightings.locals.front(), {members, {}, sightings});
  CHECK(names_of(peers) == std::vector<std::string>{"a@far", "you@here"});
  CHECK(peers.at("you@here").is_verified);
  CHECK(peers.at("you@here").creation == 3);
  CHECK(peers.at("you@here").node.port_no == 5000);
  CHECK(peers.at("you@here").queries.empty());
}

TEST_CASE("a neighbour that is held back is no peer") {
  discovery::Sightings sightings;
  sightings.locals = {local("me@here"), local("you@here")};
  sightings.locals[1].held_back = "another node has its name";
  const Peers peers = push::peers_of(sightings.locals.front(), {{}, {}, sightings});
  CHECK(peers.empty());
}

TEST_CASE("nodes of one length of name and one generation are alike") {
  CHECK(push::are_alike(local("me@here"), sighting("a@far")));
  CHECK(push::are_alike(local("me@h.x"), sighting("a@1.2.3.4")));
  CHECK(push::are_alike(local("me@here", otp_23), sighting("a@far", otp_23)));
  CHECK_FALSE(push::are_alike(local("me@here"), sighting("a@1.2.3.4")));
  CHECK_FALSE(push::are_alike(local("me@h.x"), sighting("a@far")));
  CHECK_FALSE(push::are_alike(local("me@here", otp_23), sighting("a@far")));
  CHECK_FALSE(push::are_alike(local("me@here"), sighting("a@far", otp_23)));
}

TEST_CASE("half of what OTP 26 insists on is not enough") {
  const uint64_t missing = GENERATE(dist::flags::unlink_id, dist::flags::v4_nc);
  CHECK_FALSE(push::are_alike(local("me@here"), sighting("a@far", otp_25 & ~missing)));
}

TEST_CASE("a guess is like nobody") {
  Sighting guess = sighting("a@far");
  guess.is_verified = false;
  CHECK_FALSE(push::are_alike(local("me@here"), guess));
}

TEST_CASE("a peer that is named by its IPv6 address goes with long and with short names") {
  CHECK(push::are_alike(local("me@here"), sighting("a@fd00::2")));
  CHECK(push::are_alike(local("me@h.x"), sighting("a@fd00::2")));
}
