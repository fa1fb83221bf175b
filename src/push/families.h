#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/result.h"
#include "discovery/sightings.h"

namespace push {

/// Whether a node of this host can connect to a peer by the family of its addresses. A node
/// connects over one family: IPv4, or IPv6 with `-proto_dist inet6_tcp`. A node over IPv6 listens
/// over both on Linux, so one over IPv4 connects to it, but not the other way round.
///
/// A node that tries in vain does harm: OTP refuses the peer's own try meanwhile, if the peer's
/// name is the lesser one.
class Families {
 public:
  /// Whether a port of this host is listened on over IPv6. An error: it is not known.
  using ListensOverIpv6 = std::function<base::Result<bool>(uint16_t port_no)>;

  Families();
  explicit Families(ListensOverIpv6 listens_over_ipv6)
      : listens_over_ipv6_(std::move(listens_over_ipv6)) {}

  void take(const discovery::Sightings& sightings);
  /// What is not known keeps nobody apart.
  bool can_connect(const discovery::LocalNode& node, const discovery::Sighting& peer);

 private:
  struct FoundOver {
    bool ipv4 = false;
    bool ipv6 = false;
  };
  /// The port of a node of this host, and its creation.
  using Life = std::pair<uint16_t, uint32_t>;

  std::optional<bool> is_over_ipv6(const Life& life);
  FoundOver found_over(const discovery::Sighting& peer);

  ListensOverIpv6 listens_over_ipv6_;
  std::map<std::string, FoundOver> found_ = {};  // by node name
  std::map<Life, std::optional<bool>> local_ = {};
};

}  // namespace push
