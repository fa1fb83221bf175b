#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "discovery/interfaces.h"
#include "epmd/registry.h"
#include "net/interfaces.h"

namespace probe {

/// The user whose process has registered a name at this port; see peer_user().
base::Result<uid_t> registrant(const epmd::Registry& registry, const std::string& alive_name,
                               uint16_t port_no);

/// This host as its own EPMD sees it; the registry outlives it.
class LocalHost final : public discovery::LocalHost {
 public:
  LocalHost(const epmd::Registry& registry, uint16_t epmd_port_no,
            std::vector<uint16_t> unregistered_port_nos = {})
      : registry_(registry),
        epmd_port_no_(epmd_port_no),
        unregistered_port_nos_(std::move(unregistered_port_nos)) {}

  std::vector<discovery::LocalName> names() const override;
  std::vector<std::string> addresses() const override { return net::interface_addresses(); }
  uint16_t epmd_port_no() const override { return epmd_port_no_; }
  std::vector<uint16_t> unregistered_port_nos() const override { return unregistered_port_nos_; }

 private:
  const epmd::Registry& registry_;
  uint16_t epmd_port_no_;
  std::vector<uint16_t> unregistered_port_nos_;
};

/// For a command that is no EPMD: nothing is its own.
class NoLocalHost final : public discovery::LocalHost {
 public:
  std::vector<discovery::LocalName> names() const override { return {}; }
  std::vector<std::string> addresses() const override { return {}; }
  uint16_t epmd_port_no() const override { return 0; }
};

}  // namespace probe
