#pragma once

#include <cstdint>
#include <string>

#include "epmd/registry.h"
#include "http/outgoing.h"
#include "status/store.h"

namespace page {

/// Where the daemon is asked, and what is shown on the page besides.
struct ServerInfo {
  std::string host = {};
  uint16_t epmd_port_no = 0;
  std::string version = {};
};

/// The whole page, which is true at the moment it is asked for. What a script keeps true later has
/// an id and data-live. Its parts are rendered once for each change of what they show.
class Page {
 public:
  /// Both outlive it.
  Page(const status::Store& store, const epmd::Registry& registry)
      : store_(store), registry_(registry) {}

  http::SharedText text(const ServerInfo& place, const std::string& why_not_ready);

 private:
  struct Parts {
    std::string ways = {};
    std::string members = {};
    std::string non_members = {};
    std::string held_back = {};
    std::string queries = {};
    std::string names = {};
  };
  void render_parts();

  const status::Store& store_;
  const epmd::Registry& registry_;
  Parts parts_ = {};
  /// What the parts show.
  uint64_t board_revision_ = 0;
  uint64_t registry_revision_ = 0;
  /// And the page, besides.
  uint64_t happening_ = 0;
  std::string why_not_ready_ = {};
  http::SharedText text_ = {};
};

}  // namespace page
