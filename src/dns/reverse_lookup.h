#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/operation.h"
#include "discovery/interfaces.h"
#include "dns/channels.h"
#include "event/loop.h"
#include "event/timer.h"

namespace dns {

/// The names that the DNS has for an address. An operation.
class ReverseLookup final : public base::Operation {
 public:
  using OnReversed = discovery::Resolver::OnReversed;

  /// What has no address for `ip` has no names either.
  ReverseLookup(event::Loop& loop, std::shared_ptr<Channels> channels, const std::string& ip,
                std::chrono::milliseconds timeout, OnReversed on_reversed);

 private:
  void finish(discovery::Reversal reversal);

  std::shared_ptr<Channels> channels_;
  OnReversed on_reversed_;
  base::Pending question_ = {};
  event::Timer timer_;
};

}  // namespace dns
