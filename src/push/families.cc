#include "push/families.h"

#include "base/host_port.h"
#include "net/sock_diag.h"

namespace push {

Families::Families()
    : Families([](uint16_t port_no) { return net::socket_table::listens_over_ipv6(port_no); }) {}

void Families::take(const discovery::Sightings& sightings) {
  found_.clear();
  for (const discovery::Sighting& seen : sightings.seen) {
    FoundOver& found = found_[seen.name.to_string()];
    (base::is_ipv6(seen.node.ip) ? found.ipv6 : found.ipv4) = true;
  }
}

bool Families::can_connect(const discovery::LocalNode& node, const discovery::Sighting& peer) {
  const FoundOver found = found_over(peer);
  const bool is_over_both = found.ipv4 == found.ipv6;  // or it is not known
  if (is_over_both) return true;
  const auto is_over = is_over_ipv6({node.node.port_no, node.creation});
  return !is_over || *is_over == found.ipv6;
}

/// The queries do not lead to a neighbour on this host.
Families::FoundOver Families::found_over(const discovery::Sighting& peer) {
  if (peer.queries.empty()) {
    const auto is_over = is_over_ipv6({peer.node.port_no, peer.creation});
    return {true, !is_over || *is_over};
  }
  const auto found = found_.find(peer.name.to_string());
  return found == found_.end() ? FoundOver{} : found->second;
}

std::optional<bool> Families::is_over_ipv6(const Life& life) {
  const auto known = local_.find(life);
  if (known != local_.end()) return known->second;
  const auto told = listens_over_ipv6_(life.first);
  return local_[life] = told ? std::optional(*told) : std::nullopt;
}

}  // namespace push
