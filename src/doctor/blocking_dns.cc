#include "doctor/blocking_dns.h"

namespace doctor {

using base::Pending;
using discovery::Resolution;

HostAnswer BlockingDns::find_host(const std::string& host) {
  if (net::Address::parse(host, 0)) return {{host}, {}, false, {}};
  auto in_file = resolver_->addresses_in_hosts_file(host);
  if (!in_file.empty()) return {std::move(in_file), "the hosts file", false, {}};
  return find_in_dns(host);
}

HostAnswer BlockingDns::find_in_dns(const std::string& host) {
  const Resolution resolution = resolve({.name = host, .text = host});
  HostAnswer answer = {{}, servers(), !resolution.is_answer(), resolution.why};
  for (const discovery::Endpoint& each : resolution.endpoints) answer.ips.push_back(each.ip);
  return answer;
}

Resolution BlockingDns::resolve(const discovery::Query& query) {
  const auto answer = await<Resolution>(loop_, timeout_, [&](auto on_resolved) -> Pending {
    return resolver_->resolve(query, std::move(on_resolved));
  });
  if (answer) return *answer;
  Resolution none;
  none.why = "no answer from " + servers() + " in time";
  return none;
}

discovery::Reversal BlockingDns::reverse(const std::string& ip) {
  return await<discovery::Reversal>(loop_, timeout_,
                                    [&](auto on_reversed) -> Pending {
                                      return resolver_->reverse(ip, std::move(on_reversed));
                                    })
      .value_or(discovery::Reversal());
}

}  // namespace doctor
