#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/back_off.h"
#include "discovery/interfaces.h"
#include "discovery/members.h"

namespace push {

/// Peers of other hosts to which no node here can connect, although they answer the probe: most
/// often they have another cookie. Each try of a node with another cookie is an error in the peer's
/// log, so such a peer is left alone, for longer each time.
///
/// That it is the cookie could be known for sure only by proving ours to the peer. The side that
/// connects proves first, so the peer could use the proof elsewhere; the daemon gives none to other
/// hosts.
class Unconnectable {
 public:
  /// One life of a node: its name and creation.
  using Incarnation = std::pair<std::string, uint32_t>;
  using Time = discovery::Time;

  /// Two failures that are so far apart are no bad luck.
  static constexpr Time apart_least = base::BackOff::first;
  static constexpr Time first_rest = std::chrono::minutes(5);
  static constexpr Time longest_rest = std::chrono::hours(24);

  /// The prober outlives it.
  explicit Unconnectable(discovery::Prober& prober) : prober_(prober) {}

  /// `node`, of this host, was told to connect to `peer` and could not, for so many times in a row.
  /// Logs what is the matter, once. `cookie` is where ours is.
  void note_failure(const std::string& node, const discovery::Sighting& peer, unsigned failures,
                    const std::string& cookie, Time now);
  /// A node of this host has connected to it: it has the cookie.
  void note_connected(const Incarnation& who);
  bool is_left_alone(const Incarnation& who, Time now) const;
  /// Forgets all the others.
  void keep(const std::set<Incarnation>& present);
  /// The cookie is another one.
  void forget_all() { states_.clear(); }

 private:
  struct State {
    bool has_connected = false;
    unsigned failures = 0;
    Time last_failure = {};
    Time rest = {};
    Time rests_until = {};
    bool is_told = false;
    base::Pending probe = {};
  };
  struct Failure {
    std::string node = {};
    discovery::Sighting peer = {};
    unsigned failures = 0;
    std::string cookie = {};
    Time when = {};
  };
  void on_probed(const Failure& failure, const discovery::Identification& identification);

  discovery::Prober& prober_;
  std::map<Incarnation, State> states_ = {};
};

/// Once may be bad luck, such as a node that is about to end.
inline constexpr unsigned warn_after = 2;
/// Says it where the cookie is not the reason, or the daemon knows of none.
void warn_unconnectable(const std::string& node, const discovery::Sighting& peer);

}  // namespace push
