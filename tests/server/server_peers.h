#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "requests.h"
#include "server/live_daemon.h"

// What the tests of the server share: policies, and peers that keep it busy.

using Peers = std::vector<std::unique_ptr<FakePeer>>;

inline const std::string first_of_names("\0\0\x11\x11", 4);
/// The beginning of a request whose rest never comes.
inline const std::string partial("\0\x09z", 3);

inline server::Server::Policy with_timeout(std::chrono::milliseconds packet_timeout) {
  server::Server::Policy policy;
  policy.limits.packet_timeout = packet_timeout;
  policy.limits.grace = {};
  return policy;
}

inline server::Server::Policy with_connections(size_t connections_max) {
  server::Server::Policy policy;
  policy.limits.connections_max = connections_max;
  return policy;
}

/// Names whose list no send buffer takes: about 10 MB.
inline void fill(LiveDaemon& daemon, std::vector<epmd::Registration>& names) {
  const std::string name = characters(250, "\xf0\x9f\x90\x98");
  for (uint16_t i = 0; i < 10000; ++i)
    names.push_back(daemon.registry.add(node_named(name + std::to_string(i)), 3));
}

/// A peer that asks for the names and has a small buffer for them.
inline std::unique_ptr<FakePeer> lazy_reader(const LiveDaemon& daemon) {
  auto peer = std::make_unique<FakePeer>();
  peer->receive_at_most(4096);
  peer->connect(daemon.address);
  peer->send(names_req());
  return peer;
}
