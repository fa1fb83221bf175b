#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dns/scoped_servers.h"

namespace dns {

/// In which domains a name is looked for that somebody wrote: what resolv.conf(5) calls the search
/// list. Read here, because newer c-ares does not tell what it read.
struct SearchList {
  std::vector<std::string> domains = {};
  /// A name with at least so many dots is tried as it is first.
  size_t ndots = 1;
  /// Of the same file; the other nameservers c-ares reads itself.
  ScopedServers servers = {};

  /// This process': of /etc/resolv.conf, then of the variables LOCALDOMAIN and RES_OPTIONS; without
  /// any of them, the domain of the host's own name. An error if there is a file that cannot be
  /// read now: a shorter list would make names that exist seem not to.
  static base::Result<SearchList> of_system();
  /// Amends it by what a resolv.conf says.
  void read(std::string_view resolv_conf);
  /// Amends it by "NAME:VALUE …"; the option that counts here is ndots.
  void read_options(std::string_view options);

  /// The names to try, in order: the name as it is, and in each domain. A final dot stops the
  /// search.
  std::vector<std::string> candidates_of(const std::string& name) const;
};

}  // namespace dns
