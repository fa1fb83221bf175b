#include "doctor/surroundings.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "base/host_port.h"

namespace doctor {
namespace {

bool have_common(const Ips& ips, const Ips& own) {
  return std::any_of(ips.begin(), ips.end(), [&](const std::string& ip) {
    return ip.starts_with("127.") || std::find(own.begin(), own.end(), ip) != own.end();
  });
}

bool are_all_ours(const Ips& ips, const Ips& own) {
  return std::all_of(ips.begin(), ips.end(),
                     [&](const std::string& ip) { return have_common({ip}, own); });
}

Ips ips_of(const discovery::Resolution& resolution) {
  Ips ips;
  for (const discovery::Endpoint& each : resolution.endpoints) ips.push_back(each.ip);
  return ips;
}

CheckResult judge_what_was_found(const discovery::Query& asked,
                                 const discovery::Resolution& resolution, size_t answering,
                                 const Ips& silent) {
  const std::string& query = asked.text;
  const bool has_epmds = asked.behind == discovery::Query::Behind::epmds;
  using Outcome = discovery::Resolution::Outcome;
  const size_t count = resolution.endpoints.size();
  if (count == 0 && resolution.outcome == Outcome::failed)
    return failed(
        fmt::format("'{}' cannot be looked up: {}", query, resolution.why),
        "no nameserver gives an answer, so discovery finds nobody new",
        "see /etc/resolv.conf and what is wrong with that server, or name another one with "
        "--nameservers");
  if (count == 0)
    return failed(fmt::format("'{}' leads to nobody", query),
                  "no container that runs has that name in the networks of this one",
                  "start them with it (docker run --network-alias, the service's name in Compose), "
                  "in a network that this host is in too");
  std::string found =
      fmt::format("{} is {}: {} of {} {} answer", query, listed_ips(ips_of(resolution)), answering,
                  count, has_epmds ? "EPMDs" : "nodes");
  if (answering == count) return ok(found);
  constexpr size_t shown_max = 5;
  Ips shown = silent;
  shown.resize(std::min(shown.size(), shown_max));
  found += ", and none at " + listed_ips(shown);
  if (silent.size() > shown_max) found += fmt::format(" and {} more", silent.size() - shown_max);
  if (answering > 0) return unknown(found);
  if (!has_epmds)
    return failed(found, "there are hosts, but on none a node at that port that tells its name",
                  "start each with -erl_epmd_port and that port, and let this host reach it");
  return failed(found, "there are hosts, but no EPMD on any that lets this host ask",
                "start one on each (`portolan serve`), and let this host reach its port");
}

}  // namespace

std::string listed_ips(const Ips& ips) {
  std::string text;
  for (const std::string& ip : ips) text += (text.empty() ? "" : ", ") + ip;
  return text;
}

CheckResult with_holder(CheckResult epmd, uint16_t port_no, const std::string& holder) {
  if (!holder.empty()) epmd.found += fmt::format("; port {} is held by {}", port_no, holder);
  return epmd;
}

CheckResult judge_loopback(const std::vector<std::pair<std::string, bool>>& answers) {
  if (answers.empty())
    return failed("there is no loopback address", "nodes register with the EPMD at loopback",
                  "bring the interface up (`ip link set lo up`)");
  Ips heard, silent;
  for (const auto& [ip, answers_there] : answers) (answers_there ? heard : silent).push_back(ip);
  if (heard.empty())
    return failed("no EPMD answers at " + listed_ips(silent),
                  "nodes register with the EPMD at loopback", "start one (`portolan serve`)");
  const std::string found = "the EPMD answers at " + listed_ips(heard);
  if (silent.empty()) return ok(found);
  return unknown(found + ", but not at " + listed_ips(silent) +
                 ": nodes that use this one do not find it");
}

CheckResult judge_loopback_only(const std::string& place, bool has_queries) {
  const std::string found =
      fmt::format("it listens at loopback only ({}): no node elsewhere connects to it", place);
  if (!has_queries) return unknown(found);
  return failed(found, "the nodes that discovery finds cannot be connected with it",
                "start it without inet_dist_use_interface, or with an address of this host");
}

CheckResult judge_loopback_name(const std::string& host, bool has_queries) {
  const std::string found = fmt::format(
      "'{}' leads every host to itself: no node elsewhere connects to NAME@{}", host, host);
  if (!has_queries) return unknown(found);
  return failed(found, "the nodes that discovery finds cannot be connected with those here",
                "start them with -sname under this host's name, or with -name and its address");
}

CheckResult judge_own_host(const std::string& host, const HostAnswer& answer, const Ips& own) {
  CheckResult found = judge_host(host, answer);
  if (found.has_failed())
    return failed(found.found,
                  "nodes here that are called so cannot be connected to, not even by "
                  "their neighbours",
                  "let it resolve (docker run --hostname, /etc/hosts), or start them with -name "
                  "and this host's address");
  if (have_common(answer.ips, own)) return found;
  return failed(fmt::format("{}, but this host is {}", found.found, listed_ips(own)),
                "who connects to a node here by that name comes to another host",
                "give this host a name of its own (docker run --hostname), or mend the hosts file");
}

CheckResult judge_for_others(const std::string& host, const HostAnswer& answer, const Ips& own) {
  const std::string name = "NAME@" + host;
  if (answer.ips.empty() && answer.is_failed)
    return unknown(fmt::format("what others make of {} cannot be told: {}", host, answer.why));
  if (answer.ips.empty())
    return unknown(
        fmt::format("{} does not know {}: others connect to {} only if they have it from "
                    "elsewhere, and until then --push holds nodes back that are called so",
                    answer.source, host, name));
  const std::string found =
      fmt::format("others find {} at {}, says {}", host, listed_ips(answer.ips), answer.source);
  if (are_all_ours(answer.ips, own)) return ok(found);
  return failed(found + ", but this host is " + listed_ips(own),
                "who connects to " + name + " from elsewhere may come to another host",
                "give this host a name that no other has (docker run --hostname and --name), or "
                "start nodes with -name and its address");
}

CheckResult judge_reverse(const std::string& ip, const discovery::Reversal& reversal,
                          const std::string& servers) {
  const Ips& names = reversal.names;
  if (names.empty() && !reversal.is_answer)
    return unknown(fmt::format("{} does not say what {} is called", servers, ip));
  if (names.empty()) return unknown(fmt::format("{} has no name for {}", servers, ip));
  return ok(fmt::format("{} is {} for others, says {}", ip, listed_ips(names), servers));
}

CheckResult judge_query(const discovery::Query& asked, const discovery::Resolution& resolution,
                        size_t answering, const Ips& silent) {
  CheckResult result = judge_what_was_found(asked, resolution, answering, silent);
  // A nameserver that does not answer for IPv6 is common, and no fault where there is IPv4.
  const bool is_part =
      std::any_of(resolution.endpoints.begin(), resolution.endpoints.end(),
                  [&](const discovery::Endpoint& each) { return !resolution.is_sure_of(each.ip); });
  if (!is_part) return result;
  result.found += "; there may be more: " + resolution.why;
  if (result.mark == CheckResult::Mark::ok) result.mark = CheckResult::Mark::unknown;
  return result;
}

bool leads_here(const discovery::Resolution& resolution, const Ips& own) {
  return have_common(ips_of(resolution), own);
}

CheckResult judge_absence(const CheckResult& result, const discovery::Query& query,
                          const Ips& own) {
  if (result.has_failed()) return result;
  Ips others;
  std::copy_if(own.begin(), own.end(), std::back_inserter(others),
               [](const std::string& ip) { return !base::is_loopback(ip); });
  return unknown(fmt::format(
      "{}; this host ({}) is not among them: other hosts that look for {} do not find its nodes",
      result.found, listed_ips(others), query.text));
}

CheckResult judge_peers(const std::string& name, const std::vector<std::string>& outside,
                        size_t count) {
  if (outside.empty()) return ok(fmt::format("{} leads to no address outside --peers", name));
  const std::string found = fmt::format("{} of {} addresses of {} are outside --peers: {}",
                                        outside.size(), count, name, listed_ips(outside));
  if (outside.size() < count) return unknown(found + "; no member can be there");
  return failed(found, "no member can be there, and nothing is asked of these addresses",
                "add their network to --peers, if they are the cluster's; else see what has that "
                "name");
}

}  // namespace doctor
