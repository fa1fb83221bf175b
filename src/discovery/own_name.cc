#include "discovery/own_name.h"

#include <algorithm>

#include "discovery/claims.h"

namespace discovery {
namespace {

bool has_ip(const std::vector<std::string>& ips, const std::string& ip) {
  return std::find(ips.begin(), ips.end(), ip) != ips.end();
}

bool is_address(const std::string& host_part) {
  const bool is_numeric = host_part.find_first_not_of("0123456789.") == std::string::npos;
  return base::is_ipv6(host_part) || (is_numeric && !dist::numeric_host(host_part));
}

/// Loopback is where others are themselves; unless all of them are on this host.
bool leads_here(const std::set<std::string>& ips, const OutsideView& view) {
  const bool is_everybody_here =
      std::all_of(view.seen.begin(), view.seen.end(),
                  [](const Sighting& each) { return base::is_loopback(each.node.ip); });
  return std::any_of(ips.begin(), ips.end(), [&](const std::string& ip) {
    return has_ip(view.own_ips, ip) && (is_everybody_here || !base::is_loopback(ip));
  });
}

/// An address that is translated to one of this host: the node itself has been found there.
bool leads_to_node_itself(const std::set<std::string>& ips, const LocalNode& local,
                          const OutsideView& view) {
  const Sighting own = {.name = local.name, .node = local.node, .creation = local.creation};
  return std::any_of(view.namesakes.begin(), view.namesakes.end(), [&](const Sighting& each) {
    return each.name == local.name && are_one_node(own, each) && ips.contains(each.node.ip);
  });
}

bool is_dns_without_others(const OutsideView& view) {
  return !view.seen.empty() &&
         std::none_of(view.seen.begin(), view.seen.end(), [&](const Sighting& each) {
           return !is_address(each.name.host_part) &&
                  !view.hosts.dns_ips_of(each.name.host_part).empty();
         });
}

bool is_in_shared_hosts_file(const std::string& host_part, const OutsideView& view) {
  const std::set<std::string> ips = view.hosts.ips_of(host_part);
  const bool is_ours = std::any_of(ips.begin(), ips.end(), [&](const std::string& ip) {
    return base::is_loopback(ip) || has_ip(view.own_ips, ip);
  });
  return is_ours && is_dns_without_others(view);
}

std::string describe_dns(const std::set<std::string>& ips, bool has_answer) {
  if (ips.empty() && !has_answer) return "the DNS does not answer for its host part '";
  if (ips.empty()) return "the DNS does not know its host part '";
  if (base::is_loopback(*ips.begin())) return "every host is led to itself by its host part '";
  return "the DNS leads to " + *ips.begin() + ", which is not this host, for its host part '";
}

}  // namespace

std::string why_not_reachable(const LocalNode& local, const OutsideView& view) {
  const std::string& host_part = local.name.host_part;
  const bool is_alone = view.seen.empty() && !view.has_members;
  if (is_alone || is_address(host_part)) return {};
  if (const auto number = dist::numeric_host(host_part))
    return "its host part '" + host_part + "' " + dist::why_no_name(*number);
  const std::set<std::string> ips = view.hosts.dns_ips_of(host_part);
  if (leads_here(ips, view) || leads_to_node_itself(ips, local, view)) return {};
  if (is_in_shared_hosts_file(host_part, view)) return {};
  return describe_dns(ips, view.hosts.has_answer(host_part)) + host_part +
         "', so nodes of other hosts cannot reach it by its name; start it under a host name that "
         "the DNS leads here (docker run --hostname, without a dot), or name it by its address "
         "(-name)";
}

}  // namespace discovery
