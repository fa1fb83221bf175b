#include "doctor/own_name.h"

#include <fmt/core.h>

#include <algorithm>

#include "dist/node_name.h"
#include "net/address.h"

namespace doctor {
namespace {

bool contains(const Ips& ips, const std::string& ip) {
  return std::find(ips.begin(), ips.end(), ip) != ips.end();
}

/// The node asks the DNS only for what its hosts file does not have.
HostAnswer as_seen_here(const discovery::Resolution& resolution, const std::string& servers) {
  if (!resolution.in_hosts_file.empty())
    return {resolution.in_hosts_file, "the hosts file", false, {}};
  HostAnswer answer = {{}, servers, !resolution.is_answer(), resolution.why};
  for (const discovery::Endpoint& each : resolution.endpoints) answer.ips.push_back(each.ip);
  return answer;
}

/// Other hosts do not see this host's hosts file.
HostAnswer as_seen_elsewhere(const discovery::Resolution& resolution, const std::string& servers) {
  HostAnswer answer = {{}, servers, !resolution.is_answer(), resolution.why};
  for (const discovery::Endpoint& each : resolution.endpoints)
    if (!contains(resolution.hosts_file_only, each.ip)) answer.ips.push_back(each.ip);
  return answer;
}

CheckResult no_name_for_others(const std::string& host) {
  if (host.empty())
    return failed(
        "the node is to have a long name, and this host has no domain",
        "the node does not start without one",
        "give the host a name with a dot (docker run --hostname NAME.DOMAIN), or the node "
        "its host part (-name NAME@HOST)");
  if (dist::numeric_host(host))
    return failed(fmt::format("'{}' is a number to Erlang", host),
                  "a node never asks the DNS for a host part of digits",
                  "start the node under a host name with a letter (docker run --hostname)");
  return failed(fmt::format("'{}' leads every host to itself", host),
                "no node of another host can connect to it",
                "start the node under this host's name (-sname NAME), or leave out "
                "--wait-for-own-name if all nodes are on this host");
}

CheckResult without_answer(const std::string& host, const HostAnswer& answer) {
  return failed(
      fmt::format("no nameserver says where '{}' is: {}", host, answer.why),
      "no node can look it up, not even this one",
      fmt::format("see /etc/resolv.conf, whether {} runs, and whether a firewall or network policy "
                  "lets this host reach its port 53",
                  answer.source));
}

CheckResult without_record(const std::string& host, const HostAnswer& answer) {
  const std::string found = fmt::format("'{}' is unknown to {}", host, answer.source);
  if (host.find('.') == std::string::npos)
    return failed(found, "nodes of other hosts cannot look it up",
                  "give the container that name (docker run --name or --network-alias, the same as "
                  "--hostname) in a network of its own, or start the node with -name and this "
                  "host's address");
  return failed(found, "nodes of other hosts cannot look it up",
                "see that the domain is the cluster's (search in /etc/resolv.conf); on Kubernetes "
                "the pod needs a headless service as serviceName, or hostname and subdomain, and "
                "that service publishNotReadyAddresses: true");
}

CheckResult at_loopback(const std::string& host, const HostAnswer& answer, const std::string& ip) {
  return failed(fmt::format("{} says that '{}' is {}, which leads every host to itself",
                            answer.source, host, ip),
                "nodes of other hosts look for it on themselves",
                "let the DNS lead it to this host's address in the network of the cluster");
}

CheckResult judge_address(const std::string& ip, const Ips& own) {
  if (contains(own, ip)) return ok(ip + " is an address of this host");
  return failed(fmt::format("{} is no address of this host", ip),
                "nodes of other hosts connect to another host by it",
                "start the node with one of this host's addresses");
}

}  // namespace

bool is_hopeless(const std::string& host) {
  return host.empty() || host == "localhost" || base::is_loopback(host) ||
         dist::numeric_host(host).has_value();
}

CheckResult refused_short_name(const std::string& host) {
  return failed(fmt::format("'{}' has a dot, and the command has -sname", host),
                "Erlang does not start a node with a short name and such a host part",
                "give the node its name with -name, or leave its host part out (-sname NAME)");
}

CheckResult judge_own_name(const std::string& host, const discovery::Resolution& resolution,
                           const Ips& own, const std::string& servers) {
  if (is_hopeless(host)) return no_name_for_others(host);
  if (net::Address::parse(host, 0)) return judge_address(host, own);
  const HostAnswer here = as_seen_here(resolution, servers);
  if (!here.ips.empty())
    if (CheckResult found = judge_own_host(host, here, own); found.has_failed()) return found;
  const HostAnswer elsewhere = as_seen_elsewhere(resolution, servers);
  if (elsewhere.ips.empty())
    return elsewhere.is_failed ? without_answer(host, elsewhere) : without_record(host, elsewhere);
  for (const std::string& ip : elsewhere.ips)
    if (base::is_loopback(ip)) return at_loopback(host, elsewhere, ip);
  return judge_for_others(host, elsewhere, own);
}

}  // namespace doctor
