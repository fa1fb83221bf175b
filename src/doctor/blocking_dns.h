#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "discovery/interfaces.h"
#include "doctor/compatibility.h"
#include "event/loop.h"
#include "event/timer.h"
#include "probe/resolver.h"

namespace doctor {

/// Runs the loop until what `begin` has begun calls back, at most until the timeout.
template <typename Answer>
std::optional<Answer> await(
    event::Loop& loop, std::chrono::milliseconds timeout,
    const std::function<base::Pending(std::function<void(Answer)>)>& begin) {
  std::optional<Answer> answer;
  event::Timer timer(loop);
  timer.start(timeout, [&loop] { loop.stop(); });
  const base::Pending pending = begin([&](Answer given) {
    answer = std::move(given);
    loop.stop();
  });
  loop.run();
  return answer;
}

/// Asks the system's names and the DNS, and waits for the answer. The loop outlives it.
class BlockingDns {
 public:
  BlockingDns(event::Loop& loop, std::unique_ptr<probe::Resolver> resolver,
              std::chrono::milliseconds timeout)
      : loop_(loop), resolver_(std::move(resolver)), timeout_(timeout) {}

  /// As the system looks: in the hosts file, and if it is not there in the DNS.
  HostAnswer find_host(const std::string& host);
  /// As others see it: in the DNS alone, which is asked for the name as it is.
  HostAnswer find_in_dns(const std::string& host);
  /// The names that are tried for one that somebody wrote, in order.
  std::vector<std::string> candidates_of(const std::string& name) const {
    return resolver_->candidates_of(name);
  }
  discovery::Resolution resolve(const discovery::Query& query);
  discovery::Reversal reverse(const std::string& ip);
  std::string servers() const { return resolver_->servers(); }

 private:
  event::Loop& loop_;
  std::unique_ptr<probe::Resolver> resolver_;
  std::chrono::milliseconds timeout_;
};

}  // namespace doctor
