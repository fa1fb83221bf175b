#include "doctor/compatibility.h"

#include <fmt/core.h>

#include <algorithm>
#include <functional>

#include "base/host_port.h"
#include "dist/handshake.h"
#include "epmd/alive_name.h"

namespace doctor {
namespace {

using discovery::Identification;
using probe::DistConnection;

std::string join(const std::vector<std::string>& texts) {
  std::string joined;
  for (const std::string& each : texts) joined += (joined.empty() ? "" : ", ") + each;
  return joined;
}

/// Whoever connects takes any address of one family.
bool leads_to_several_hosts(const std::vector<std::string>& ips) {
  const auto ipv6 = std::count_if(ips.begin(), ips.end(), base::is_ipv6);
  return ipv6 > 1 || static_cast<std::ptrdiff_t>(ips.size()) - ipv6 > 1;
}

std::string kind_of(const dist::NodeName& name) {
  if (name.is_of_both_kinds()) return "an address, which goes with long names and short ones";
  return name.is_long() ? "a long name" : "a short name";
}

std::string generation_of(uint64_t flags) {
  return dist::flags::is_of_today(flags) ? "OTP 24 or later" : "OTP 23 or earlier";
}

std::string shown_name(const Neighbour& each) { return epmd::escape_name(each.known_name()); }

/// The nodes here are known by name at most: they do not answer, or speak TLS.
CheckResult nothing_to_compare(const Neighbours& ours) {
  if (ours.empty()) return unknown("no other node is registered here to compare with");
  std::vector<std::string> names;
  for (const Neighbour& each : ours) names.push_back(shown_name(each));
  return unknown("the nodes registered here do not say enough to compare with: " + join(names));
}

/// Those of ours that there is something to compare of, and whether one is alike.
struct Comparison {
  std::string like = {};
  std::string unlike = {};
};

Comparison compare(const Neighbours& ours, const std::function<bool(const Neighbour&)>& is_known,
                   const std::function<bool(const Neighbour&)>& is_like) {
  Comparison comparison;
  for (const Neighbour& each : ours) {
    if (!is_known(each)) continue;
    std::string& name = is_like(each) ? comparison.like : comparison.unlike;
    if (name.empty()) name = shown_name(each);
  }
  return comparison;
}

/// Of ours that is called so: started with -name, and its host part looks like that of a short
/// name.
bool is_dotless_long(const std::string& shown, const Neighbours& ours) {
  return std::any_of(ours.begin(), ours.end(), [&](const Neighbour& each) {
    return shown_name(each) == shown && each.is_started_with_name &&
           !dist::parse_node_name(each.node_name())->is_long();
  });
}

bool knows_its_name(const Neighbour& each) {
  return each.is_identified() && dist::parse_node_name(each.node_name()).has_value();
}

}  // namespace

bool Neighbour::speaks_tls() const {
  return identification.outcome == Identification::Outcome::speaks_tls ||
         (is_behind_tls && is_identified());
}

bool Neighbour::is_identified() const {
  return identification.outcome == Identification::Outcome::identified;
}

CheckResult judge_name_form(const std::string& text) {
  const auto name = dist::parse_node_name(text);
  const std::string shown = epmd::escape_name(text);
  if (!name && text.find('@') == std::string::npos)
    return failed(fmt::format("'{}' is an alive name, the first half of a node name", shown),
                  "a node is connected to by its whole name, with its host behind an @",
                  "write " + shown + "@HOST, as node() tells it on the node");
  if (!name || !epmd::is_printable_name(name->alive_name))
    return failed(fmt::format("'{}' is no node name", shown),
                  "it has one @ with something on both sides, a host's name or address behind it, "
                  "and neither blanks nor quotes",
                  "write it as node() tells it on the node, such as web@node1");
  return ok(fmt::format("alive name '{}', host part '{}': {}", name->alive_name, name->host_part,
                        kind_of(*name)));
}

CheckResult judge_host(const std::string& host, const HostAnswer& answer) {
  if (const auto number = dist::numeric_host(host))
    return failed(fmt::format("'{}' is a number to Erlang: {}", host,
                              number->empty() ? "no address" : *number),
                  "a node never asks the DNS for a host part of digits, and cannot connect to it",
                  "start the node under a host name with a letter (docker run --hostname)");
  if (answer.ips.empty() && answer.is_failed)
    return failed(
        fmt::format("whether '{}' is a host cannot be told: {}", host, answer.why),
        "no nameserver gives an answer, so no node can look it up either",
        "see /etc/resolv.conf and what is wrong with that server, or ask another one with "
        "--nameservers");
  if (answer.ips.empty())
    return failed(fmt::format("'{}' does not resolve, says {}", host, answer.source),
                  "no such host is known in the networks of this one",
                  "give the node's container that name (docker run --hostname and --name, or "
                  "--network-alias) in a network that this host is in too, or start the node under "
                  "a host name that resolves here");
  if (answer.source.empty()) return ok(host + " is an address");
  const std::string found = fmt::format("{} is {}, says {}", host, join(answer.ips), answer.source);
  if (leads_to_several_hosts(answer.ips))
    return unknown(found + "; a connection goes to any of them");
  return ok(found);
}

CheckResult judge_neighbours(const Neighbours& ours) {
  if (ours.empty()) return nothing_to_compare(ours);
  std::vector<std::string> names;
  for (const Neighbour& each : ours) {
    names.push_back(shown_name(each));
    if (each.speaks_tls()) names.back() += " (TLS)";
    if (!each.is_identified() && !each.speaks_tls()) names.back() += " (does not say who it is)";
  }
  return ok("registered here: " + join(names));
}

CheckResult judge_transport(bool speaks_tls, const Neighbours& ours) {
  const Comparison comparison = compare(
      ours, [](const Neighbour& each) { return each.is_identified() || each.speaks_tls(); },
      [&](const Neighbour& each) { return each.speaks_tls() == speaks_tls; });
  const std::string kind = speaks_tls ? "TLS" : "plain";
  if (!comparison.like.empty()) return ok(kind + " distribution, as " + comparison.like);
  if (comparison.unlike.empty()) return nothing_to_compare(ours);
  return failed(fmt::format("it speaks {} distribution, and {} here {}", kind, comparison.unlike,
                            speaks_tls ? "plain" : "TLS"),
                "the two never connect", "start both with -proto_dist inet_tls, or neither");
}

CheckResult judge_kind(const dist::NodeName& name, const Neighbours& ours) {
  const Comparison comparison = compare(ours, knows_its_name, [&](const Neighbour& each) {
    if (name.is_of_both_kinds()) return true;
    if (each.is_started_with_name) return name.is_long();
    return dist::parse_node_name(each.node_name())->is_of_kind_of(name);
  });
  if (!comparison.like.empty() && name.is_of_both_kinds()) return ok(kind_of(name));
  if (!comparison.like.empty()) return ok(kind_of(name) + ", as " + comparison.like);
  if (comparison.unlike.empty()) return nothing_to_compare(ours);
  if (!name.is_long() && is_dotless_long(comparison.unlike, ours))
    return failed(
        fmt::format("its host part '{}' has no dot, and {} here was started with -name",
                    name.host_part, comparison.unlike),
        "nodes started with -name connect only to host parts with a dot, and to addresses",
        "start them with -sname, or with -name and a host part with a dot (web@node1.example.org)");
  return failed(fmt::format("it has {}, and {} here {}", kind_of(name), comparison.unlike,
                            name.is_long() ? "a short one" : "a long one"),
                "nodes with long names and nodes with short ones never connect",
                "start both with -name, or both with -sname");
}

CheckResult judge_family(const std::string& subject, const std::vector<std::string>& ips,
                         const Neighbours& ours) {
  const bool has_ipv6 = std::any_of(ips.begin(), ips.end(), base::is_ipv6);
  const bool has_ipv4 = !std::all_of(ips.begin(), ips.end(), base::is_ipv6);
  const Comparison comparison = compare(
      ours, [](const Neighbour&) { return true; },
      [&](const Neighbour& each) { return each.speaks_ipv6 ? has_ipv6 : has_ipv4; });
  const std::string_view families = has_ipv4 && has_ipv6 ? "IPv4 and IPv6"
                                    : has_ipv4           ? "IPv4"
                                                         : "IPv6";
  if (!comparison.like.empty())
    return ok(fmt::format("{} {} addresses, and {} connects to such", subject, families,
                          comparison.like));
  if (comparison.unlike.empty()) return nothing_to_compare(ours);
  return failed(fmt::format("{} {} addresses only, and {} here connects to {} only", subject,
                            families, comparison.unlike, has_ipv4 ? "IPv6" : "IPv4"),
                "a node connects to addresses of one family: that of its -proto_dist",
                "start both with -proto_dist inet6_tcp, or neither, and give the host an address "
                "of that family");
}

CheckResult judge_generation(uint64_t flags, const Neighbours& ours) {
  const bool is_of_today = dist::flags::is_of_today(flags);
  const Comparison comparison = compare(
      ours, [](const Neighbour& each) { return each.is_identified(); },
      [&](const Neighbour& each) {
        return dist::flags::is_of_today(each.identification.challenge.flags) == is_of_today;
      });
  if (!comparison.like.empty()) return ok(generation_of(flags) + ", as " + comparison.like);
  if (comparison.unlike.empty()) return nothing_to_compare(ours);
  return failed(fmt::format("it is {}, and {} here {}", generation_of(flags), comparison.unlike,
                            is_of_today ? "OTP 23 or earlier" : "OTP 24 or later"),
                "from OTP 26 on the two never connect, and with OTP 25 among them a cluster that "
                "has both pulls itself apart",
                "run all nodes of the cluster on releases from OTP 24 on");
}

CheckResult judge_cookie(DistConnection::End end, const std::string& source) {
  switch (end) {
    case DistConnection::End::finished:
      return ok("the cookie of " + source + " is accepted, and the node proves that it has it");
    case DistConnection::End::wrong_cookie:
      return failed("it has another cookie than that of " + source,
                    "it closed on our proof, and has logged an error about it",
                    "give all nodes of the cluster one cookie (-setcookie, ~/.erlang.cookie, "
                    "RELEASE_COOKIE); if it is ours that is wrong, name the right one with "
                    "--cookie-file or in PORTOLAN_COOKIE");
    case DistConnection::End::impostor:
      return failed("it let us in, but does not have the cookie of " + source + " itself",
                    "what answers there takes any cookie, and may only pose as the node",
                    "see which process listens on that port (`ss -ltnp` there), and trust it with "
                    "nothing until you know");
    case DistConnection::End::stranger:
      return failed("another node has come to its place while it was being asked",
                    "it has just been started anew", "ask again");
    case DistConnection::End::foreign_user:
      return failed("a process of another user answers at its port than the cookie of " + source +
                        " belongs to",
                    "the cookie was not proved to it, for it could use that proof elsewhere; "
                    "--push tells such nodes nothing",
                    "see whose process it is; if it is yours, run it as the cookie's user, or name "
                    "a cookie file that its user owns with --cookie-file");
    case DistConnection::End::silent:
      return failed("it does not say in time whether it takes the cookie",
                    "it hangs, or is overloaded", "ask again; if that stays so, see what it does");
    case DistConnection::End::refused:
    case DistConnection::End::closed:
      return failed("it has closed the connection before the cookie was tried",
                    "it is about to end, or to start anew", "ask again");
    case DistConnection::End::tls_failed:
      return failed("TLS with it failed at the second connection",
                    "it has just changed, or we have", "ask again");
    default: break;
  }
  return failed("it does not let a node in that has no name of its own",
                "it is older than OTP 23, or no Erlang node",
                "see what runs there; the cookie could not be tried");
}

}  // namespace doctor
