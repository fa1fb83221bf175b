#pragma once

#include <string>
#include <vector>

#include "discovery/sightings.h"

/// One name, one node. Two nodes that say they have the same name cannot be told apart by the
/// others: one that connects to the name reaches either of them, and from OTP 25 on `global` then
/// takes the cluster for partitioned, and cuts healthy nodes. So neither is a member.
namespace discovery {

/// Whether two that have one name are one node, found at two of its addresses: it has one port and
/// one creation.
bool are_one_node(const Sighting& one, const Sighting& other);

/// Takes the nodes out of `seen` whose name several nodes claim, and returns them as non-members. A
/// guess is not a claim.
std::vector<NonMember> take_out_rivals(std::vector<Sighting>& seen);

/// Holds back the nodes of this host whose name one of `namesakes` claims, and returns these as
/// non-members. `namesakes` were found elsewhere under the name of a local node; those that are the
/// local node itself, seen from outside, are left out. `own_ip` shows where this host is.
std::vector<NonMember> hold_back_claimed(std::vector<LocalNode>& locals,
                                         const std::vector<Sighting>& namesakes,
                                         const std::string& own_ip);

}  // namespace discovery
