#pragma once

#include <map>
#include <set>
#include <string>

#include "discovery/discovery.h"

namespace push {

/// By node name. The nodes of this host are among them, with no query that led there.
using Peers = std::map<std::string, discovery::Sighting>;

/// All the others that a node of this host may want to know: the members, and those of its
/// neighbours here that are not held back.
Peers peers_of(const discovery::LocalNode& local, const discovery::Report& report);

/// The names of those that it should be connected to: alike, and not missed by the last round.
std::set<std::string> expected_of(const discovery::LocalNode& local,
                                  const discovery::Report& report);

/// Whether the two can be expected to connect. Not if the peer is but a guess, has the other length
/// of name, or is of the other generation: nodes of OTP 23 and before lack what those from 26 on
/// insist on, and a cluster of both pulls itself apart (docs/PUSH.md, "Who is pushed").
bool are_alike(const discovery::LocalNode& local, const discovery::Sighting& peer);

}  // namespace push
