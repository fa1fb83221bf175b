#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "discovery/interfaces.h"

namespace discovery {

/// What host parts of node names resolve to here, which is what a node that connects will be told.
/// Remembered for a while, because there is one for nearly every node, and because one answer that
/// fails to come must not make a node unconnectable.
class HostCache {
 public:
  /// A host part that led where it should is looked up again after this long.
  static constexpr Time good_retention = std::chrono::seconds(60);
  /// One that did not, after this long, then twice, four times …
  static constexpr Time bad_timeout = std::chrono::milliseconds(500);

  enum class Match {
    resolves_here,
    leads_elsewhere,  // to other addresses
    leads_nowhere,    // there is no such name
    unknown,          // the DNS has not answered yet
  };

  /// Whether to look it up now, so as to know whether it leads to `ip`.
  bool is_due(const std::string& host_part, const std::string& ip, Time now) const;
  /// `sought` are the addresses for which it was due; `own_ips` are this host's: what the hosts
  /// file says of this host itself is for this host alone, and replaces nothing.
  /// Whether it leads elsewhere than before is returned.
  bool learn(const std::string& host_part, const std::set<std::string>& sought,
             const Resolution& resolution, const std::vector<std::string>& own_ips, Time now);
  /// Some of those that lead where they should and are due, those that have waited longest first.
  std::vector<std::string> good_ones_due(Time now, size_t most) const;
  Match match(const std::string& host_part, const std::string& ip) const;
  /// All addresses that a node here resolves the host part to; none if it is not known.
  std::set<std::string> ips_of(const std::string& host_part) const;
  /// The same without those that only this host's hosts file has: what other hosts see.
  std::set<std::string> dns_ips_of(const std::string& host_part) const;
  /// Whether the DNS has ever said where it leads.
  bool has_answer(const std::string& host_part) const;
  /// The host parts that did not lead where they should are due at once.
  void retry_misses();
  /// Forgets the host parts that nobody has needed for a while.
  void forget_unused(Time now);
  size_t size() const { return hosts_.size(); }

 private:
  struct Host {
    bool is_known = false;  // somebody has answered at least once
    std::set<std::string> ips = {};
    std::set<std::string> hosts_file_only = {};  // of these
    std::set<std::string> in_hosts_file = {};    // as it is now
    /// So many times in a row it did not lead to all who sought it.
    unsigned misses = 0;
    Time learned = {};
    Time wait() const;
    bool resolves_to(const std::string& ip) const;
    bool leads_as(const Host& other) const;
    void learn_source(const std::string& ip, const Resolution& resolution, bool was_in_dns);
  };
  std::map<std::string, Host> hosts_ = {};
};

}  // namespace discovery
