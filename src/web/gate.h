#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/rate_limit.h"
#include "http/host.h"
#include "http/message.h"

namespace web {

/// Lets requests pass that are for a name of this daemon, refuses the others, counts and logs them.
/// Health and readiness may be asked by any name: they show nothing, and a container must not be
/// restarted over the name that a health check uses.
class Gate {
 public:
  explicit Gate(http::Hosts hosts) : hosts_(std::move(hosts)) {}

  /// Nothing: it may pass.
  std::optional<http::Response> refuse(const http::Request& request);
  uint64_t refused() const { return refused_; }

 private:
  void log(const std::string& host);

  http::Hosts hosts_;
  uint64_t refused_ = 0;
  base::RateLimit lines_{1, std::chrono::minutes(1)};
};

}  // namespace web
