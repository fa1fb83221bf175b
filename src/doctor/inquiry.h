#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "doctor/compatibility.h"
#include "discovery/ports.h"
#include "probe/resolver.h"
#include "event/loop.h"
#include "event/timer.h"

namespace commands {

/// Runs the loop until what `begin` has begun calls back, at most for as long as there is patience.
template <typename Answer>
std::optional<Answer> await(
    net::Loop& loop, std::chrono::milliseconds patience,
    const std::function<base::Pending(std::function<void(Answer)>)>& begin) {
  std::optional<Answer> answer;
  net::Timer timer(loop);
  timer.start(patience, [&loop] { loop.stop(); });
  const base::Pending pending = begin([&](Answer given) {
    answer = std::move(given);
    loop.stop();
  });
  loop.run();
  return answer;
}

/// Asks the system's names and the DNS, and waits for the answer. The loop outlives it.
class Inquiry {
 public:
  Inquiry(net::Loop& loop, std::unique_ptr<net::AresResolver> resolver,
          std::chrono::milliseconds patience)
      : loop_(loop), resolver_(std::move(resolver)), patience_(patience) {}

  /// As the system looks: in the hosts file, and if it is not there in the DNS.
  HostAnswer find_host(const std::string& host);
  /// As others see it: in the DNS alone, which is asked for the name as it is.
  HostAnswer find_in_dns(const std::string& host);
  discovery::Resolution resolve(const discovery::Query& query);
  discovery::Reversal reverse(const std::string& ip);
  std::string servers() const { return resolver_->servers(); }

 private:
  net::Loop& loop_;
  std::unique_ptr<net::AresResolver> resolver_;
  std::chrono::milliseconds patience_;
};

}  // namespace commands
