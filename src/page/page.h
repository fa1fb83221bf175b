#pragma once

#include <cstdint>
#include <string>

#include "epmd/registry.h"
#include "http/outgoing.h"
#include "page/harbours.h"
#include "page/summary.h"
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

  http::SharedText text(const ServerInfo& place, const std::string& why_not_ready, Pairs pairs);

 private:
  struct Parts {
    Harbours harbours = {};
    std::string ways = {};
    std::string problems = {};
    std::string members = {};
    std::string connections = {};
    std::string non_members = {};
    std::string held_back = {};
    std::string queries = {};
    std::string names = {};
  };
  /// What the page shows besides the store's and the registry's revisions.
  struct Look {
    uint64_t happening = 0;
    std::string why_not_ready = {};
    Pairs pairs = {};
    bool operator==(const Look&) const = default;
  };
  void render_parts();
  bool is_as_before(const Look& look) const;
  std::string render(const ServerInfo& place) const;

  const status::Store& store_;
  const epmd::Registry& registry_;
  Parts parts_ = {};
  /// What the parts show.
  uint64_t store_revision_ = 0;
  uint64_t registry_revision_ = 0;
  Look look_ = {};
  http::SharedText text_ = {};
};

}  // namespace page
