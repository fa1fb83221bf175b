#include "probe/local_host.h"

#include "net/peer_user.h"

namespace probe {

base::Result<uid_t> registrant(const epmd::Registry& registry, const std::string& alive_name,
                               uint16_t port_no) {
  const epmd::Registry::Entry* const entry = registry.find(alive_name);
  if (!entry || entry->node.port_no != port_no) return base::Error{"it is not registered any more"};
  return net::peer_user(entry->descriptor);
}

std::vector<discovery::LocalName> LocalHost::names() const {
  std::vector<discovery::LocalName> names;
  for (const epmd::Registry::Entry& entry : registry_.alive())
    names.push_back({entry.node.alive_name, entry.node.port_no, entry.creation});
  return names;
}

}  // namespace probe
