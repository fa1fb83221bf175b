#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/operation.h"
#include "discovery/interfaces.h"
#include "dns/answer.h"
#include "dns/channels.h"
#include "dns/host_lookup.h"
#include "event/timer.h"

namespace dns {

/// An SRV record, and the addresses of its targets. An operation.
class ServiceLookup final : public base::Operation {
 public:
  using OnResolved = discovery::Resolver::OnResolved;
  static constexpr size_t targets_max = 1000;

  ServiceLookup(event::Loop& loop, std::shared_ptr<Channels> channels, const std::string& service,
                std::chrono::milliseconds timeout, OnResolved on_resolved);

 private:
  void ask_next();
  void on_answered(int status, std::string_view bytes);
  void look_up(size_t number, const DnsAnswer::Record& target);
  void on_target(size_t number, uint16_t port_no, const HostLookup::Answer& answer);
  void fail(const std::string& why);
  void finish();

  event::Loop& loop_;
  std::shared_ptr<Channels> channels_;
  std::chrono::milliseconds timeout_;
  OnResolved on_resolved_;
  std::vector<std::string> candidates_ = {};  // the last is next
  discovery::Resolution resolution_ = {};
  base::Pending question_ = {};
  std::map<size_t, base::Pending> targets_ = {};
  event::Timer timer_;
};

}  // namespace dns
