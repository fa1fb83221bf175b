#pragma once

#include <cstdint>

#include "base/enum_counts.h"
#include "probe/dist_connection.h"

namespace push {

/// What became of the pushes, in this life of the daemon.
struct PushMetrics {
  uint64_t connected = 0;      // a node was told to connect to another, and did
  uint64_t not_connected = 0;  // it could not
  uint64_t lost = 0;           // it was connected, and was not at the next look
  uint64_t messages = 0;       // sent to a process
  /// Pairs of a node of this host and a peer that is there, at the last look: all, and those that
  /// are connected.
  uint64_t pairs = 0;
  uint64_t pairs_connected = 0;
  /// Connections of ours to nodes of this host, by how they ended.
  using End = probe::DistConnection::End;
  base::EnumCounts<End, End::foreign_user> ends = {};
};

}  // namespace push
