#include "discovery/host_cache.h"

#include <algorithm>

#include "base/host_port.h"
#include "dist/node_name.h"

namespace discovery {

/// As a node's resolver does it: what the hosts file has of a family replaces what the DNS has.
bool HostCache::Host::resolves_to(const std::string& ip) const {
  if (in_hosts_file.contains(ip)) return true;
  return ips.contains(ip) &&
         std::none_of(in_hosts_file.begin(), in_hosts_file.end(), [&](const std::string& each) {
           return base::is_ipv6(each) == base::is_ipv6(ip);
         });
}

/// An address or a number as host part needs nobody to resolve it.
HostCache::Match HostCache::match(const std::string& host_part, const std::string& ip) const {
  if (host_part == ip) return Match::resolves_here;
  if (const auto number = dist::numeric_host(host_part)) {
    if (*number == ip) return Match::resolves_here;
    return number->empty() ? Match::leads_nowhere : Match::leads_elsewhere;
  }
  const auto host = hosts_.find(host_part);
  if (host == hosts_.end()) return Match::unknown;
  if (host->second.resolves_to(ip)) return Match::resolves_here;
  if (!host->second.is_known) return Match::unknown;
  return host->second.ips.empty() ? Match::leads_nowhere : Match::leads_elsewhere;
}

bool HostCache::is_due(const std::string& host_part, const std::string& ip, Time now) const {
  if (host_part == ip || dist::numeric_host(host_part)) return false;
  const auto host = hosts_.find(host_part);
  if (host == hosts_.end()) return true;
  const bool is_good = host->second.resolves_to(ip);
  return host->second.learned + (is_good ? good_retention : host->second.wait()) <= now;
}

Time HostCache::Host::wait() const {
  constexpr unsigned doublings_max = 7;
  const unsigned doublings = std::min(std::max(misses, 1U) - 1, doublings_max);
  return std::min(good_retention, bad_timeout * (1U << doublings));
}

std::vector<std::string> HostCache::good_ones_due(Time now, size_t most) const {
  std::vector<std::pair<Time, std::string>> due;
  for (const auto& [host_part, host] : hosts_)
    if (host.misses == 0 && host.learned + good_retention <= now)
      due.emplace_back(host.learned, host_part);
  const size_t count = std::min(most, due.size());
  std::partial_sort(due.begin(), due.begin() + static_cast<std::ptrdiff_t>(count), due.end());
  std::vector<std::string> first;
  for (size_t i = 0; i < count; ++i) first.push_back(std::move(due[i].second));
  return first;
}

bool HostCache::learn(const std::string& host_part, const std::set<std::string>& sought,
                      const Resolution& resolution, const std::vector<std::string>& own_ips,
                      Time now) {
  Host& host = hosts_[host_part];
  const Host before = host;
  host.learned = now;
  if (resolution.is_answer()) host.is_known = true;
  const std::set<std::string> in_dns = dns_ips_of(host_part);
  host.in_hosts_file = {resolution.in_hosts_file.begin(), resolution.in_hosts_file.end()};
  std::erase_if(host.in_hosts_file, [&own_ips](const std::string& ip) {
    return base::is_loopback(ip) || std::find(own_ips.begin(), own_ips.end(), ip) != own_ips.end();
  });
  std::erase_if(host.ips, [&](const std::string& ip) { return resolution.is_sure_of(ip); });
  for (const Endpoint& endpoint : resolution.endpoints) {
    host.ips.insert(endpoint.ip);
    host.learn_source(endpoint.ip, resolution, in_dns.contains(endpoint.ip));
  }
  const auto leads_to = [&host](const std::string& ip) { return host.resolves_to(ip); };
  const bool is_good = std::all_of(sought.begin(), sought.end(), leads_to);
  host.misses = is_good ? 0 : host.misses + 1;
  return !host.leads_as(before);
}

bool HostCache::Host::leads_as(const Host& other) const {
  return is_known == other.is_known && ips == other.ips &&
         hosts_file_only == other.hosts_file_only && in_hosts_file == other.in_hosts_file;
}

/// While the DNS does not answer, what it said before counts.
void HostCache::Host::learn_source(const std::string& ip, const Resolution& resolution,
                                   bool was_in_dns) {
  const auto& only = resolution.hosts_file_only;
  const bool is_in_hosts_file_only = std::find(only.begin(), only.end(), ip) != only.end();
  if (is_in_hosts_file_only && (resolution.is_sure_of(ip) || !was_in_dns))
    hosts_file_only.insert(ip);
  else
    hosts_file_only.erase(ip);
}

std::set<std::string> HostCache::ips_of(const std::string& host_part) const {
  const auto host = hosts_.find(host_part);
  if (host == hosts_.end()) return {};
  std::set<std::string> ips = host->second.ips;
  std::erase_if(ips, [&](const std::string& ip) { return !host->second.resolves_to(ip); });
  return ips;
}

bool HostCache::has_answer(const std::string& host_part) const {
  const auto host = hosts_.find(host_part);
  return host != hosts_.end() && host->second.is_known;
}

std::set<std::string> HostCache::dns_ips_of(const std::string& host_part) const {
  const auto host = hosts_.find(host_part);
  if (host == hosts_.end()) return {};
  std::set<std::string> ips = host->second.ips;
  std::erase_if(ips,
                [&](const std::string& ip) { return host->second.hosts_file_only.contains(ip); });
  return ips;
}

void HostCache::retry_misses() {
  std::erase_if(hosts_, [](const auto& entry) { return entry.second.misses > 0; });
}

/// What is used is looked up again and again.
void HostCache::forget_unused(Time now) {
  std::erase_if(
      hosts_, [now](const auto& entry) { return entry.second.learned + 2 * good_retention < now; });
}

}  // namespace discovery
