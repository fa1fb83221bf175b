#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "discovery/interfaces.h"
#include "dist/node_name.h"

namespace discovery {

/// A node of the cluster, seen in one round: who it is, and where it was found.
struct Sighting {
  dist::NodeName name = {};
  /// Where the node listens.
  Endpoint node = {};
  /// Where its EPMD lists it. A node that was found without one is where it is itself.
  Endpoint epmd = {};
  /// The texts of the queries that led there, in the order they were given; never empty.
  std::vector<std::string> queries = {};
  /// Whether the node itself told its name. If not, it is a guess, and there is no creation.
  bool is_verified = false;
  uint32_t creation = 0;
  uint64_t flags = 0;

  bool has_epmd() const { return epmd != node; }
};

/// A node that can be connected to from here by its name.
struct Member {
  Sighting seen = {};
  /// Since it was seen last, as far as they count.
  unsigned rounds_missing = 0;
  /// The last round looked for it in vain. It is not if nobody could have seen it.
  bool is_missing = false;
};

/// By node name. A node found in several ways is one member.
using Members = std::map<std::string, Member>;

/// A node that was found and is no member, and why, in words that say what to do.
struct NonMember {
  std::string name = {};  // the node's, or the alive name if it is all we know
  Endpoint node = {};
  std::string query = {};
  std::string why = {};
  /// The DNS did not say where its host part leads: if it is a member, it stays one.
  bool is_uncertain = false;
  /// Of the node that it said it is, if its host part leads elsewhere: it may be a member there.
  uint32_t creation = 0;
  /// Its EPMD lists it, and nothing answers at its port: others may reach it all the same.
  bool is_silent = false;
  bool operator==(const NonMember&) const = default;
};

/// One life of a node of this host: its name, creation and port.
using Incarnation = std::tuple<std::string, uint32_t, uint16_t>;

/// A node of this host that has told who it is: registered with the EPMD of this process, or at a
/// port at which one is looked for that does not register.
struct LocalNode {
  dist::NodeName name = {};
  Endpoint node = {};
  uint32_t creation = 0;
  uint64_t flags = 0;
  /// Why no node of another host is to be connected with it now; empty: it may be pushed. Set while
  /// other hosts cannot reach it by its name, or another node has its name too.
  std::string held_back = {};
  /// It is held back for some seconds only: another container may be about to claim its name.
  bool is_doubted = false;
  /// The port at which it has registered; it asks the EPMDs of other hosts at the same. 0: it is
  /// not known, or the node does not register.
  uint16_t epmd_port_no = 0;
  bool is_registered = true;
  /// The creation that it got when it registered: it keeps its own when it registers again.
  uint32_t registration = 0;

  Incarnation incarnation() const { return {name.to_string(), creation, node.port_no}; }
  LocalName local_name() const { return {name.alive_name, node.port_no, registration}; }
};

struct Change {
  enum class Kind { joined, left };
  Kind kind = Kind::joined;
  Sighting member = {};
  std::string reason = {};  // why it left
};

}  // namespace discovery
