#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "discovery/ports.h"
#include "net/ares_channel.h"
#include "net/loop.h"
#include "net/timer.h"

namespace net {

/// The system's DNS, asked with c-ares on the loop, which outlives it; it outlives what it begins.
class AresResolver final : public discovery::Resolver, public discovery::HostFinder {
 public:
  /// For everything that one call asks.
  static constexpr std::chrono::milliseconds patience = std::chrono::seconds(2);

  /// `servers`: "ADDRESS[:PORT],…", or empty for the system's.
  static base::Result<std::unique_ptr<AresResolver>> create(Loop& loop, const std::string& servers);

  /// Reads the system's configuration again, or asks others from now on. What is going on goes on.
  base::Result<base::Done> reread(const std::string& servers);

  /// Who is asked, for messages.
  std::string servers() const { return channel_->servers(); }
  /// What the system's hosts file has for a name; there the system looks first.
  std::vector<std::string> addresses_in_hosts_file(const std::string& name) const {
    return channel_->addresses_in_hosts_file(name);
  }

  discovery::Pending resolve(const discovery::Query& query, OnResolved on_resolved) override;
  discovery::Pending reverse(const std::string& ip, OnReversed on_reversed) override;
  discovery::Pending find(const std::string& host, OnFound on_found) override;

 private:
  /// Who was asked before, kept for as long as any question may take.
  struct Former {
    Former(Loop& loop, std::unique_ptr<AresChannel> its) : channel(std::move(its)), timer(loop) {}
    std::unique_ptr<AresChannel> channel;
    Timer timer;
  };

  AresResolver(Loop& loop, std::unique_ptr<AresChannel> channel);
  void keep_for_a_while(std::unique_ptr<AresChannel> channel);

  Loop& loop_;
  std::unique_ptr<AresChannel> channel_;
  std::list<Former> former_ = {};
};

}  // namespace net
