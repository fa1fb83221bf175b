#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "discovery/interfaces.h"
#include "dns/channels.h"
#include "event/loop.h"

namespace probe {

/// The system's DNS, asked with c-ares on the loop, which outlives it; it outlives what it begins.
class Resolver final : public discovery::Resolver, public discovery::HostChecker {
 public:
  /// For everything that one call asks: three tries at a nameserver, or several names past one
  /// that is dead.
  static constexpr std::chrono::milliseconds timeout = std::chrono::seconds(3);

  /// `servers`: "ADDRESS[:PORT],…", or empty for the system's.
  static base::Result<std::unique_ptr<Resolver>> create(event::Loop& loop,
                                                        const std::string& servers);

  /// Asks these from now on. What is going on goes on.
  base::Result<base::Done> reread(const std::string& servers);

  /// Who is asked, for messages.
  std::string servers() const { return channels_->servers(); }
  /// What the system's hosts file has for a name; there the system looks first.
  std::vector<std::string> addresses_in_hosts_file(const std::string& name) const {
    return channels_->addresses_in_hosts_file(name);
  }

  /// The names that are tried for one that somebody wrote, in order.
  std::vector<std::string> candidates_of(const std::string& name) const {
    return channels_->candidates_of(name);
  }

  discovery::Pending resolve(const discovery::Query& query, OnResolved on_resolved) override;
  discovery::Pending reverse(const std::string& ip, OnReversed on_reversed) override;
  discovery::Pending is_resolvable(const std::string& host, OnChecked on_checked) override;

 private:
  Resolver(event::Loop& loop, std::shared_ptr<dns::Channels> channels)
      : loop_(loop), channels_(std::move(channels)) {}

  event::Loop& loop_;
  std::shared_ptr<dns::Channels> channels_;
};

}  // namespace probe
